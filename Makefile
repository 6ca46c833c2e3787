.PHONY: build test lint lab

build: ## the program, as it is released
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o rung .

test: ## all tests; those of the lab skip where `make lab` was not run
	go test ./...

lint: ## what every change must pass
	@test -z "$$(gofmt -l .)" || { gofmt -d .; exit 1; }
	go vet ./...
	golangci-lint run

lab: ## what the lab is built of: root on Debian, services are never started
	checks/lab/install

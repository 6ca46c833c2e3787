package proxy

import (
	"cmp"
	"net/url"
	"os"

	"golang.org/x/net/http/httpproxy"
)

// Environment is what the environment says of proxies. The zero Environment names none.
type Environment struct{ config httpproxy.Config }

// FromEnvironment reads HTTPS_PROXY, ALL_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not. For a tunnel the first of the proxies counts.
func FromEnvironment() Environment {
	config := httpproxy.FromEnvironment()
	return Environment{httpproxy.Config{
		HTTPSProxy: cmp.Or(config.HTTPSProxy, os.Getenv("ALL_PROXY"), os.Getenv("all_proxy"), config.HTTPProxy),
		NoProxy:    config.NoProxy,
	}}
}

// For is the proxy for a tunnel to HOST:PORT; nil where there is none, or the host is to be reached without (NO_PROXY).
func (e Environment) For(to string) *url.URL {
	via, err := e.config.ProxyFunc()(&url.URL{Scheme: "https", Host: to})
	if err != nil { // of plain HTTP alone
		return nil
	}
	return via
}

# This machine's clock is slow by three days, and CA, intermediate and leaf are younger: only the clock is wrong.
# target: https://www.example.com/
# verdict: fail
# cause: clock.local-skew fail likely
# healthy: healthy-https

at +2d authority Young
trust Young
mapfile -t names < <(for_site www.example.com)
at +2d issue Young young "${names[@]}"
at +3d website server 443 ssl young

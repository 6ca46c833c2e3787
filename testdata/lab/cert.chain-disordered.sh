# The web site sends its two intermediate certificates in the wrong order.
# target: https://www.example.com/
# verdict: ok
# cause: cert.chain-disordered info proven
# healthy: healthy-two-intermediates

website server 443 ssl two-disordered

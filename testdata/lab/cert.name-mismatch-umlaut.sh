# The certificate of a name with an umlaut was issued for the name without it.
# target: https://bücher.example.com/
# verdict: fail
# cause: cert.name-mismatch fail proven
# healthy: healthy-umlaut

resolver --host-record=xn--bcher-kva.example.com,203.0.113.10
website server 443 ssl umlaut-lost

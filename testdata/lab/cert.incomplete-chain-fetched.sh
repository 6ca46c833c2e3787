# A web site does not send the intermediate certificate; the authority has it where its certificate says.
# target: https://www.example.com/
# flags: --fetch-issuers
# verdict: fail
# cause: cert.incomplete-chain fail proven
# healthy: healthy-https

pki
website server 443 ssl leaf-der

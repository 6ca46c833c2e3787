# A web site does not send the intermediate certificate, and a file of the user's has it.
# target: https://www.example.com/
# flags: --ca-file /run/lab/tls/root-and-intermediate.pem
# verdict: fail
# cause: cert.incomplete-chain fail proven
# healthy: healthy-https

website server 443 ssl leaf-alone

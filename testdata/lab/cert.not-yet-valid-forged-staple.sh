# The certificate is not valid yet; a staple of the day after tomorrow was signed by somebody else who bears the authority's name.
# target: https://www.example.com/
# verdict: fail
# cause: cert.not-yet-valid fail proven
# healthy: healthy-https

website server 443 ssl not-yet-valid "$(at +3d stapled not-yet-valid stranger)"

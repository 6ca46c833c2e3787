# The client's router puts its own address into PORT, and that is private too; the provider's reads FTP as well.
# target: ftp://files.example.com/
# flags: --require both
# verdict: ok

nat_helper cpe
nat_helper isp
provider_translates
pureftpd server

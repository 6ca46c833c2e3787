# A port that speaks HTTP/2 whatever was agreed on: it closes without a word that HTTP/1.1 knows.
# target: https://www.example.com/
# verdict: fail
# cause: unexplained.http fail unknown
# healthy: healthy-https-haproxy

offloader server "crt $tls/good.pem proto h2"

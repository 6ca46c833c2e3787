# The environment names a proxy, which is not there. The direct way works.
# target: https://www.example.com/
# env: HTTPS_PROXY=http://someone:secret@192.168.1.77:3128
# verdict: ok
# check: proxy skip

website server 443 ssl good

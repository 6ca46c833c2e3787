# The site and the anchor belong to one company, which has a CA of its own: that proves nobody between.
# target: https://www.example.com/
# flags: --anchor files6.example.com
# verdict: ok

authority Company
trust Company
mapfile -t names < <(for_site www.example.com files6.example.com)
issue Company com "${names[@]}"
website server 443 ssl com

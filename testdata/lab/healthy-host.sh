# A host alone: everything up to the Internet layer.
# target: files.example.com
# verdict: ok

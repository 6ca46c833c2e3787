# Names with fewer than five dots are tried with the suffixes first: this one is found so, as it is meant to be.
# target: tcp://files.prod:21
# verdict: ok

vsftpd server
resolver --local=/internal/ --local=/prod/ --host-record=files.prod.corp.internal,203.0.113.10
printf '%s\n' 'search svc.internal corp.internal' 'options ndots:5' >>/etc/resolv.conf

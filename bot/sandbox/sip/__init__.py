"""The SIP side of the account, on loopback: its trunks' names in DNS, and a server that answers OPTIONS."""

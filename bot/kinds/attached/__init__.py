"""What a trunk points to: a SIP login, an IP ACL entry, origination URIs; kinds that change that share it.

Those are records of the account: other trunks may point to them too. May import what kinds may.
"""

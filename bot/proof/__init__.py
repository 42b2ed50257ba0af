"""Is a trunk ready to carry calls: what Vobiz says of it, what DNS and its servers say. Changes nothing.

What decides is pure (checklist, account, pbx, addresses). The rest asks the network, sends no secret, and is
loaded when a trunk is tested: dnspython and sipmessage take memory that serving does not need.

Imports vobiz, runtime and domain.
"""

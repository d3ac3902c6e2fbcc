"""Use cases of the centre, one function each: they open the transaction and decide with the rules of sync_protocol."""

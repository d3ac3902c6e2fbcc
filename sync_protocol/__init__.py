"""What both ends must agree on: the words, the sealed journal, statements and receipts, and the rules.

Pure code without I/O. Both ends import it; it imports neither of them.
"""

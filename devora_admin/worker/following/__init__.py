"""Follows MongoDB's change streams for the consumers of core.consumers.

Each consumer has a follower, a thread of the worker's process. Of all workers one holds the
consumer's lease; it reads the stream, and stores each effect together with the place in the stream
up to which it counts.
"""

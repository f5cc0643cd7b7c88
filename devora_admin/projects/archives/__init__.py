"""Zip files and folders from outside, read as a project's files; and a project written as a zip.

Nothing a zip says about itself is believed: sizes, counts and names are checked before anything
is unpacked, and unpacking stops at hard limits. Nothing is ever written to disk.
"""

"""Long lists of the platform's documents: paged by keyset, filtered, searched, counted, exported.

A `ListSpec` says what a list is about; everything else here works for any.
"""

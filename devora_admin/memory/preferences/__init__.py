"""What customers prefer, from what they say and what they keep, without asking a model.

vocabulary  the topics and values that are known
statements  what is said outright in a message
manifests   what a project is built with
evidence    one reason to believe, of either kind
scoring     evidence to scores
learning    scores to PostgreSQL, with what staff decided
"""

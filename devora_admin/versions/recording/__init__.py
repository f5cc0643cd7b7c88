"""From changes of projects to versions, for the worker: what a change tells (`told`), whose it was
(`attribution`), what the project is then (`state`), when a burst is over (`track`), and what is
written of it all (`writing`)."""

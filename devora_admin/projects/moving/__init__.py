"""Moving the deprecated collection `conversations` into the projects, or beside them."""

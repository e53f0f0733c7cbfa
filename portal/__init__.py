"""The site: settings, roles, sign-in, the desk, the contact view, the API root, embedded services."""

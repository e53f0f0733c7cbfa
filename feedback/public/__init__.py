"""The pages that customers open from a letter: no sign-in, no cookie, no script.

The token is the authority. That is why these views are exempt from Django's CSRF check: it guards what a browser
does by itself with a cookie, and here no cookie is read or set; who can forge a press has the token already. It also
lets mail programs stop the letters by RFC 8058, which sends no cookie.
"""

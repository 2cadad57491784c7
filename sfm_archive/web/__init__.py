"""Pages for a browser, on the archive's public methods; extra `web`.

`app` joins all of it; `served` knows the archives; `safety` and `login` decide who is answered; `address` reads what an
address asks for; one file a page; `api` has the same as JSON. Nothing is imported here: commands do not pay for it.
"""

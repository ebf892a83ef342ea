"""The web inbox: pages for people, a client of im_api's queries and access.

    request
      -> urls.py            the view of an address
      -> views/             who asks, which part of the page, refusals
      -> pages/             read through im_api.queries, make words: structs of finished texts and addresses
      -> ../templates/inbox/  print the structs, decide nothing
    static/inbox/           scripts that keep an open page live: they ask for parts of the same pages

formatting.py has the words for times, counts and kinds, script_words.py those of the scripts, preferences.py what a
device chose, emoji.py the platforms' codes. The Chinese catalogue is in locale/; `python -m tests.catalogue`
updates it.
"""

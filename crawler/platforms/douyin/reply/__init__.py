"""Types replies on the pages of the platform, as a person would.

    messages.py   a private message: opens its conversation, types, presses, says what became of it
    window.py     puts one into a visible window, and waits for its person
    comments.py   a comment, on the creator's page; comment_evidence.py reads the answer
    comment_window.py  puts one into a visible window
    before_press.py  says of errors that nothing was pressed, and whether the browser was lost
    replier.py    finds the page for each kind
    chat_page.py  opens a conversation by its id, and reads from the page's memory which one is open
    editor.py     the box to write in, whatever generation it is of (`editor.js` reads its text)
    evidence.py   what proves that a message was sent: the platform's response, the page's memory, what was heard
    known.py      what was there before: it proves nothing
    words.py      compares texts, and knows the platform's words of risk

All input is that of a keyboard and a mouse. A conversation is opened only to answer it.
"""

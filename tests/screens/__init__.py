"""`python -m tests.screens`: pictures of every view and state, to look at. Also says what scrolls sideways and what axe
calls serious.

run.py      the hub, the browser, and the list of it all
scenes.py   what is shown: views, and states with the steps that lead to them
camera.py   sizes, themes and languages; one picture and what is wrong with it
"""

"""How fast gencmp is, measured by `python -m gencmp bench TOPIC`: one module a topic.

Each has `measure(told)`, which returns the figures with a sentence under "words", and `say(measured)`, lines for people.
"""

TOPICS = {
    "train": "a training step, in turns with the plain recipe, and the arithmetic's floor",
}

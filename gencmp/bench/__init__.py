"""Benchmarks of gencmp, run with `python -m gencmp bench TOPIC`: one module per topic.

Each module has `measure(progress)`, which returns the figures and a summary sentence under "words", and `say(measured)`,
which returns the results as readable lines.
"""

TOPICS = {
    "train": "a training step, in turns with the plain recipe; what each trick is worth; the arithmetic's floor",
    "gpu": "the whole paper on a CUDA device, and a step as one graph",
    "quality": "whether the fast products cost quality: three seeds of each model in both precisions (40 minutes on two cores)",
    "start": "from the command to Home in a browser, what the server loads for it, and from page to page",
    "viewers": "sixty viewers of a live training: how late and how old their news are, and the server's memory",
    "dashboard": "what viewers cost the training, and what both models cost each other",
    "browser": "a real browser: digits decoded, frames while dragging and while curves grow, bytes fetched",
    "verdict": "both shipped models judged from cold, by stage",
    "intervals": "whether the intervals of a verdict hold the mean of fresh draws (half an hour on two cores)",
    "diagnosis": "whether the diagnosis of runs is right: every dense preset, five seeds, and runs made ill (long)",
    "cluster": "a Ray cluster on this computer: what it adds to a run, a queue, sixty runs at once, a silent node, a lost head (10 minutes)",
    "store": "a store of a thousand runs and a long run, in turns with an empty and a short one",
}

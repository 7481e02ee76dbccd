"""The code that a reader can run to get the same numbers: plain transformers, nothing of ours but the models' paths."""

import json
import shlex

from demos.lab.tasks import Task

LISTS = {"sentence": "sentences", "model": "models"}  # options that may be repeated, and their parameters
OPTIONS = {parameter: option for option, parameter in LISTS.items()}

PATHS = """\
import json, subprocess, sys
paths = {row["key"]: row["path"] for row in json.loads(
    subprocess.check_output([sys.executable, "-m", "demos", "models", "--json"]))}
"""

VECTORS = PATHS + """\
import functools, re, torch
from transformers import AutoModel, AutoTokenizer

@functools.cache
def load(key):
    return AutoTokenizer.from_pretrained(paths[key]), AutoModel.from_pretrained(paths[key]).eval()

@functools.cache
def hidden(key, sentence):  # every layer's states (layers + 1, tokens, d), and the characters that each token covers
    tokenizer, model = load(key)
    batch = tokenizer(sentence, return_tensors="pt", return_offsets_mapping=True)
    offsets = batch.pop("offset_mapping")[0].tolist()
    with torch.no_grad():
        return torch.stack(model(**batch, output_hidden_states=True).hidden_states)[:, 0].double(), offsets

def vectors(key, word, sentence):  # the word's vector at every layer: (layers + 1, d)
    start, end = re.search(rf"(?<!\\w){re.escape(word)}(?!\\w)", sentence, re.IGNORECASE).span()
    states, offsets = hidden(key, sentence)
    return states[:, [i for i, (a, b) in enumerate(offsets) if a < end and b > start]].mean(1)

def drift(a, b):  # 1 - cosine, layer by layer
    return 1 - torch.cosine_similarity(a, b, dim=-1)
"""

OTHERS = VECTORS + """\

@functools.cache
def others(key, seed):  # mean drift of the 100 other words: the baseline, layer by layer
    import numpy
    rows = [json.loads(line) for line in open("demos/data/words.jsonl", encoding="utf-8")]
    chosen = [rows[i] for i in numpy.random.default_rng(seed).permutation(len(rows))[:100]]
    return torch.stack([drift(vectors("base", r["word"], r["text"]), vectors(key, r["word"], r["text"])) for r in chosen]).mean(0)
"""


def command(demo: str, **parameters: object) -> str:
    """The command line that runs an experiment with these parameters."""
    words = ["python", "-m", "demos", "run", demo]
    for name, value in parameters.items():
        for item in value if isinstance(value, list | tuple) else [value]:
            if item is not None:
                words += ["--" + OPTIONS.get(name, name), str(item)]
    return shlex.join(words)


def script(demo: str, parameters: dict, body: str) -> str:
    """A script to be run in the project's folder: the command as a comment, then code that prints the same numbers."""
    family = f'import os\nos.environ["EXPLAINER_MODELS"] = {literal(parameters["family"])}\n' if parameters.get("family") else ""
    return f"{_comment(command(demo, **parameters))}\n{family}{body}"


def with_command(code: str, line: str) -> str:
    """The script with another command in its comment: the one that a reader gave, with their own files."""
    return f"{_comment(line)}\n{code.partition(chr(10))[2]}"


def _comment(line: str) -> str:
    return f"# The same numbers: {' '.join(line.splitlines())}"  # a line break in a reader's words would end the comment


def own_rows(task: Task) -> str:
    """Script text that puts a reader's own examples in the place of a bundled task's, after reproduce_training.training()."""
    rows = [[{"text": example.text, "label": example.label} for example in part] for part in (task.train, task.test)]
    return f"\ntrain_rows, test_rows = {literal(rows)}  # your own lines\nlabels = {literal(task.labels)}\n"


def literal(value: object) -> str:
    """A value as Python source, in ASCII; a reader's words cannot become code.

    JSON with Python's own escapes: JSON's would make two signs of an emoji, which no tokenizer takes.
    """
    return "".join(sign if sign.isascii() else ascii(sign)[1:-1] for sign in json.dumps(value, ensure_ascii=False))

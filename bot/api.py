"""The endpoints for programs: `ask`, `experiment`, `list_experiments`, `models`. They return the JSON of the command line.

Their docstrings are read by programs too: Gradio takes the text before `Parameters:` as the description, and a line each from there.
"""

import gradio as gr

from bot import Tutor
from bot.answer import answer, evidence_dict
from bot.consent import Keeping
from bot.ratings import record_answer
from bot.turns import PATIENCE
from bot.tutor import Unavailable
from demos import Evidence, find_demos
from demos.lab.status import status_rows


def add_api(tutor: Tutor, keeping: Keeping) -> None:
    """Add the endpoints to the window that is being built."""

    def ask(question: str, history: list[str] | None = None, evidence: bool = True, wait: bool = False,
            topic: str | None = None, keep: bool | None = None) -> dict:
        """Answer a question about frozen and fine-tuned language models and their word vectors, in English.

        The words come from reviewed articles and name their sources; what the articles do not cover has the status "declined".
        The numbers in `evidence` come from experiments that run now, each with a baseline and a caveat: pass them on with it.

        Parameters:
            question: the question, in full sentences; statements in it are checked too.
            history: the reader's earlier messages, oldest first, for a follow-up such as "and word2vec?".
            evidence: whether to run the experiments that belong to the answer; without them it takes well under a second.
            wait: whether to wait for models that are still being trained, a few minutes once.
            topic: a folder of articles to prefer: basics, static, contextual, change, measure, practice or a course's own.
            keep: whether the question may be kept for the teachers, without names, where this app keeps questions.
        """
        result = answer(tutor, question, history or (), evidence, patience=PATIENCE if wait else 0, topic=topic)
        if recorder := keeping.of_program(keep):
            record_answer(result, history or (), recorder)
        return result.to_dict()

    def experiment(name: str, word: str | None = None, sentences: list[str] | None = None, models: list[str] | None = None,
                   layer: int | None = None, seed: int | None = None, wait: bool = False, parameters: dict | None = None) -> dict:
        """Run one experiment, for example word_drift, and return its evidence: claim, baseline, caveat, table, models used, script.

        Parameters left out take their defaults. Experiments run one at a time; those that train take up to some minutes.

        Parameters:
            name: the experiment's name; list_experiments names them all.
            word: the word to measure, where the experiment takes one.
            sentences: sentences that hold the word; by default bundled ones.
            models: keys of the tuned models to compare, for example sentiment and qa; by default the usual ones.
            layer: the layer that the claim speaks of, 0 for the embeddings; by default the last.
            seed: what draws the random choices; the same seed gives the same numbers.
            wait: whether to wait for models that are still being trained, a few minutes once.
            parameters: those of this experiment that have no argument of their own here, by name; list_experiments has their schema.
        """
        given = {"word": word, "sentences": sentences, "models": models, "layer": layer, "seed": seed} | (parameters or {})
        *_, last = tutor.experiment(name, given, PATIENCE if wait else 0)
        if isinstance(last, Evidence):
            return evidence_dict(last)
        raise gr.Error(last.reason if isinstance(last, Unavailable) else "The experiment did not run.", print_exception=False)

    def list_experiments() -> list[dict]:
        """The experiments: name, title, what each shows, and the JSON schema of every parameter."""
        return [{"name": demo.name, "title": demo.title, "about": demo.about, "parameters": demo.schema} for demo in find_demos().values()]

    def models() -> list[dict]:
        """The models of the experiments: state, progress of training, score, chance, tensors. Paths are left out."""
        return [{**row, "path": None} for row in status_rows(tutor.zoo)]

    for endpoint in (ask, experiment, list_experiments, models):
        gr.api(endpoint, api_name=endpoint.__name__, concurrency_id="chat")

"""The endpoints for programs: `ask`, `experiment`, `list_experiments`, `models`. They return the JSON of the command line."""

import gradio as gr

from bot import Tutor
from bot.answer import answer, evidence_dict
from bot.turns import PATIENCE
from bot.tutor import Unavailable
from demos import Evidence, find_demos
from demos.lab.status import status_rows


def add_api(tutor: Tutor) -> None:
    """Add the endpoints to the window that is being built."""

    def ask(question: str, history: list[str] | None = None, evidence: bool = True, wait: bool = False) -> dict:
        """Answer a question about frozen and fine-tuned models, with sources and live evidence.

        history: the reader's earlier messages. evidence: run the experiments. wait: wait for models in training.
        """
        return answer(tutor, question, history or (), evidence, patience=PATIENCE if wait else 0).to_dict()

    def experiment(name: str, word: str | None = None, sentences: list[str] | None = None, models: list[str] | None = None,
                   layer: int | None = None, seed: int | None = None, wait: bool = False, parameters: dict | None = None) -> dict:
        """Run one experiment, for example word_drift, and return its evidence. Parameters left out take their defaults.

        parameters: those of this experiment that have no argument of their own here, by name; the list names them.
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

"""Does a word have one vector, or one per context?

Static tables (a Word2Vec, and the encoder's own input embeddings) against a frozen encoder that was not tuned for this:
can the vector of "bank" alone tell the river from the money? Nothing is trained on the senses; a new sentence goes to
the nearer of the two senses' mean vectors (leave one out).
"""

import numpy as np

from demos.lab import plots, reproduce
from demos.lab.choose import Seed, Word
from demos.lab.encode import word_vectors
from demos.lab.evidence import DemoError, Evidence, Finding, Table
from demos.lab.families import Family, of_family
from demos.lab.hub_zoo import HubZoo
from demos.lab.measure import nearest_centroid_accuracy, rounded, sense_separation
from demos.lab.pretrained_vectors import GLOVE, is_cached, read_vectors
from demos.lab.static import input_embeddings, word2vec
from demos.lab.tasks import read_lines, senses
from demos.lab.zoo import Zoo

SHUFFLES = 20


def run(zoo: Zoo, word: Word = "bank", seed: Seed = 0, family: Family = None) -> Evidence:
    """Separation = mean cosine within a sense minus between senses; accuracy = nearest sense mean, leave one out.

    `seed` shuffles the senses for the baseline.
    """
    word, zoo = word.lower(), of_family(zoo, family)
    uses = senses(word)
    if not uses:
        known = ", ".join(dict.fromkeys(row["word"] for row in read_lines("senses")))
        raise DemoError(f"There are no sentences with marked senses for “{word}”; choose one of: {known}.")
    gold = np.array([use.sense for use in uses])
    names = list(dict.fromkeys(gold.tolist()))
    encoder = zoo.load("base")
    contextual = word_vectors(encoder, [word] * len(uses), [use.text for use in uses])  # (sentence, layer, d)
    tables = {"Word2Vec (trained here)": word2vec(zoo.cache / "static"), "input embeddings": input_embeddings(encoder)}
    if isinstance(zoo, HubZoo) and is_cached(GLOVE):
        tables[GLOVE.name] = read_vectors(GLOVE)
    spaces: dict[tuple[str, str | int], np.ndarray] = {
        (name, "-"): np.stack([keyed[word].astype(float)] * len(uses)) for name, keyed in tables.items() if word in keyed}
    spaces |= {("frozen encoder", layer): contextual[:, layer] for layer in range(encoder.layers + 1)}

    shuffle = np.random.default_rng(seed)
    shuffled = [shuffle.permutation(gold) for _ in range(SHUFFLES)]
    rows = [(name, layer, len(np.unique(vectors.round(6), axis=0)), rounded(sense_separation(vectors, gold)),
             rounded(nearest_centroid_accuracy(vectors, gold)),
             rounded(np.mean([nearest_centroid_accuracy(vectors, order) for order in shuffled])))
            for (name, layer), vectors in spaces.items()]
    static = [row for row in rows if row[1] == "-"]
    frozen = [row for row in rows if row[1] != "-"]
    chance = 1 / len(names)
    best = max(frozen, key=lambda row: row[4])
    alone = f"one vector for “{word}” and tell{'s' * (len(static) == 1)} its senses apart no better than chance ({chance:.0%})"
    claim = ""
    if static:
        claim = f"{' and '.join(row[0] for row in static)} ha{'s' if len(static) == 1 else 've'} {alone}. "
    claim += (f"The frozen encoder has {best[2]} different vectors in {len(uses)} sentences, and without any training on "
              f"senses its layer {best[1]} puts {best[4]:.0%} of them with the right sense ({names[0]} or {names[1]}).")
    parameters = {"word": word, "seed": seed, "family": family}
    return Evidence(
        demo="static_or_contextual",
        claim=claim,
        caveat=f"{len(uses)} short sentences written for this project, with the context plain in each: real text is "
               f"harder. The frozen encoder is {zoo.about_base}; the "
               "Word2Vec is trained on the few thousand sentences that come with this project.",
        baseline=f"Chance is {chance:.0%}. With the senses shuffled ({SHUFFLES} times) the frozen encoder's layer {best[1]} "
                 f"scores {best[5]:.0%}. One and the same vector for every sentence has separation 0 by construction.",
        table=Table(("vectors", "layer", "different vectors", "separation", "accuracy", "shuffled"), tuple(rows)),
        figure=_figure(word, frozen, static, chance),
        receipts=(encoder.receipt,),
        findings=(
            Finding("pilehvar2019", "A static vector cannot tell the senses of a word apart: by design about chance.",
                    all(abs(row[4] - chance) < 1e-9 for row in static) if static else None,
                    f"Accuracy of the static vectors here: {', '.join(f'{row[4]:.0%}' for row in static) or 'not in the tables'}."),
            Finding("coenen2019", "Frozen BERT vectors separate senses, better in upper layers than at the input.",
                    frozen[-1][4] > frozen[0][4] if frozen[-1][4] != frozen[0][4] else None,
                    f"Accuracy at layer 0: {frozen[0][4]:.0%}; at layer {frozen[-1][1]}: {frozen[-1][4]:.0%}."),
        ),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("static_or_contextual", parameters, _snippet(word, uses)),
    )


def _figure(word, frozen, static, chance):
    series = {"frozen encoder": [row[4] for row in frozen], "chance": [chance] * len(frozen)}
    alt = (f"Line chart: share of sentences with “{word}” put with the right sense, by layer of the frozen encoder: "
           + ", ".join(f"{row[4]:.0%}" for row in frozen)
           + f". Chance is {chance:.0%}" + (", where every static vector lies." if static else "."))
    return plots.lines(series, [row[1] for row in frozen], "layer (0 = embeddings)", "right sense (share)", alt, dashed=("chance",))


def _snippet(word, uses) -> str:
    return reproduce.VECTORS + f"""
word, uses = {reproduce.literal(word)}, {reproduce.literal([[use.sense, use.text] for use in uses])}
gold = [sense for sense, _ in uses]
every = torch.stack([vectors("base", word, text) for _, text in uses])  # (sentence, layer, d)
for layer in range(every.shape[1]):
    unit = torch.nn.functional.normalize(every[:, layer], dim=-1)
    right = 0
    for i in range(len(uses)):
        means = {{sense: unit[[j for j in range(len(uses)) if j != i and gold[j] == sense]].mean(0) for sense in set(gold)}}
        right += max(means, key=lambda s: torch.cosine_similarity(means[s], unit[i], dim=0)) == gold[i]
    cosine = unit @ unit.T
    pairs = [(i, j) for i in range(len(uses)) for j in range(i)]
    within = torch.stack([cosine[i, j] for i, j in pairs if gold[i] == gold[j]]).mean()
    between = torch.stack([cosine[i, j] for i, j in pairs if gold[i] != gold[j]]).mean()
    print("frozen encoder", layer, round(float(within - between), 6), round(right / len(uses), 6), sep="\\t")
"""

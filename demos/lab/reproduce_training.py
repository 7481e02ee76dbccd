"""The script that trains again as an experiment did: plain PyTorch and transformers, the same batches, the same numbers.

On the same machine with the same libraries; other ones round differently, and training amplifies it.
"""

from dataclasses import asdict

from demos.lab.recipe import Recipe
from demos.lab.reproduce import VECTORS, literal

TRAINING = """
import copy, random
from scipy.stats import spearmanr
from torch import nn
from transformers import get_linear_schedule_with_warmup

with open(f"demos/data/{task}.jsonl", encoding="utf-8") as lines:
    rows = [json.loads(line) for line in lines]
train_rows, test_rows = ([row for row in rows if row["split"] == split] for split in ("train", "test"))
labels = sorted({row["label"] for row in train_rows})
with open("demos/data/words.jsonl", encoding="utf-8") as lines:
    words = [json.loads(line) for line in lines][:60]  # ordinary words, each in its own sentence
tokenizer = AutoTokenizer.from_pretrained(paths["base"])
models = {"base": AutoModel.from_pretrained(paths["base"]).eval()}
original = dict(models["base"].named_parameters())

def load(name):  # for vectors() above
    return tokenizer, models[name]

def layer_of(name):  # 0: embeddings; k: block k; the pooler is not used and stays as it is
    block = re.match(r"encoder\\.layer\\.(\\d+)\\.", name)
    return int(block[1]) + 1 if block else 0 if name.startswith("embeddings.") else None

def features(model, texts):  # the mean of the tokens' vectors
    batch = tokenizer(texts, padding=True, truncation=True, max_length=128, return_tensors="pt")
    mask = batch["attention_mask"].unsqueeze(-1).float()
    return (model(**batch).last_hidden_state * mask).sum(1) / mask.sum(1)

def batches(rows, steps, seed):  # shuffled anew each epoch, texts of like length together
    shuffle, size, done = random.Random(seed), recipe["batch"], 0
    while True:
        order, parts = shuffle.sample(rows, len(rows)), []
        for first in range(0, len(order), size * 8):
            near = sorted(order[first:first + size * 8], key=lambda row: len(row["text"]))
            parts += [near[at:at + size] for at in range(0, len(near), size)]
        for part in shuffle.sample(parts, len(parts)):
            yield part
            done += 1
            if done == steps:
                return

def train(name, learns, steps, rate, seed, rows=train_rows, probe_first=False, lora=None, each=None):
    # learns(weight's name, layer): whether it does. each(step, loss, model), after every step: whether to stop.
    # Returns the head, how many numbers learnt, and how many tensors changed.
    torch.manual_seed(seed)
    model = AutoModel.from_pretrained(paths["base"])
    weights = dict(model.named_parameters())
    head, wrapped = nn.Linear(model.config.hidden_size, len(labels)), model
    for phase in [lambda name, layer: False, learns] if probe_first else [learns]:
        for key, weight in model.named_parameters():
            weight.requires_grad_(layer_of(key) is not None and phase(key, layer_of(key)))
        if lora:
            from peft import LoraConfig, get_peft_model
            wrapped = get_peft_model(model, LoraConfig(**lora))
        model.eval()  # no dropout where nothing learns
        for part in (model.embeddings, *model.encoder.layer):
            part.train(any(weight.requires_grad for weight in part.parameters()))
        learning = [weight for weight in wrapped.parameters() if weight.requires_grad]
        groups = [{"params": list(head.parameters()), "lr": recipe["head_rate"]}]
        if learning:
            groups.append({"params": learning, "lr": rate})
        optimizer = torch.optim.AdamW(groups, weight_decay=0.0, fused=True)
        schedule = get_linear_schedule_with_warmup(optimizer, round(recipe["warmup"] * steps), steps)
        for step, part in enumerate(batches(rows, steps, seed), start=1):
            with torch.set_grad_enabled(bool(learning)):
                read = features(wrapped, [row["text"] for row in part])
            logits = head(nn.functional.dropout(read, recipe["dropout"]))
            loss = nn.functional.cross_entropy(logits, torch.tensor([labels.index(row["label"]) for row in part]))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([*head.parameters(), *learning], recipe["clip"])
            optimizer.step()
            schedule.step()
            if each and each(step, loss.item(), model):
                break
    models[name] = wrapped.eval()
    changed = sum(not torch.equal(weight, original[key]) for key, weight in weights.items())
    return head, sum(weight.numel() for weight in (*head.parameters(), *learning)), changed

@torch.no_grad()
def accuracy(model, head):  # on the held-out texts
    right = 0
    for first in range(0, len(test_rows), 32):
        part = test_rows[first:first + 32]
        guesses = head(features(model, [row["text"] for row in part])).argmax(1).tolist()
        right += sum(labels[guess] == row["label"] for guess, row in zip(guesses, part))
    return right / len(test_rows)

def moved(name):  # mean drift of the ordinary words, layer by layer
    pairs = [(row["word"], row["text"]) for row in words]
    return torch.stack([drift(vectors("base", *pair), vectors(name, *pair)) for pair in pairs]).mean(0).tolist()

def forgotten(name):  # 1 - rank correlation of all sentence similarities with the base's
    cosines = []
    for key in ("base", name):
        means = nn.functional.normalize(torch.stack([hidden(key, row["text"])[0][-1].mean(0) for row in words]), dim=1)
        cosines.append((means @ means.T)[tuple(torch.triu_indices(len(words), len(words), 1))])
    return 1 - spearmanr(*cosines).statistic

def show(*cells):
    print(*(round(cell, 6) if isinstance(cell, float) else cell for cell in cells), sep="\\t")
"""


def training(task: str, recipe: Recipe) -> str:
    """Definitions for a script's start: train(), accuracy(), moved(), forgotten() and show(), for a bundled task."""
    return f"{VECTORS}\ntask, recipe = {literal(task)}, {literal(asdict(recipe))}\n{TRAINING}"

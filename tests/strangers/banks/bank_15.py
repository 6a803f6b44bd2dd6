"""Strangers' programs for notebook 15: written from the learner's notebook only (form: see README.md beside it)."""
import copy
import functools
import types

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

RIGHT, WRONG, MORE = {}, [], []


def right(f):
    RIGHT[f.__name__] = f
    return f


def also(exercise, label):
    def keep(f):
        MORE.append((exercise, label, {f.__name__: f}))
        return f
    return keep


def wrong(exercise, label, says):
    def keep(f):
        WRONG.append((exercise, label, says, {f.__name__: f}))
        return f
    return keep


# ================================================================ get_activation
@right
def get_activation(model, name, x):
    part, _, number = name.partition(":")
    number = int(number or 0)
    module = dict(model.named_modules())[part]
    kept = []

    def keep(module, inputs, output):
        if isinstance(output, (tuple, list)):
            output = output[number]
        elif number:
            raise IndexError(f"{part} has one output only")
        kept[:] = [output.detach().clone()]

    modes = {m: m.training for m in model.modules()}
    handle = module.register_forward_hook(keep)
    try:
        model.eval()
        with torch.no_grad():
            model(x)
    finally:
        handle.remove()
        for m, mode in modes.items():
            m.training = mode
    return kept[0]


_activation = get_activation


@also("get_activation", "get_submodule, rsplit, modes set flag by flag; nested try")
def get_activation(model, name, x):
    index = 0
    if ":" in name:
        name, index = name.rsplit(":", 1)
        index = int(index)
    target = model.get_submodule(name)
    found = {}

    def hook(_, __, out):
        if not torch.is_tensor(out):
            found["value"] = out[index].clone().detach()
        elif index == 0:
            found["value"] = out.clone().detach()

    before = [(m, m.training) for m in model.modules()]
    for m, _ in before:
        m.training = False
    try:
        h = target.register_forward_hook(hook)
        try:
            with torch.set_grad_enabled(False):
                model(x)
        finally:
            h.remove()
    finally:
        for m, mode in before:
            m.training = mode
    return found["value"]


@also("get_activation", "chain of getattr; a class that is a context manager")
def get_activation(model, name, x):
    class Visit:
        def __init__(self, part, number):
            self.part, self.number = part, number

        def __call__(self, module, inputs, output):
            self.value = (output if isinstance(output, torch.Tensor) else output[self.number]).detach().clone()

        def __enter__(self):
            self.modes = [m.training for m in model.modules()]
            self.handle = self.part.register_forward_hook(self)
            model.eval()
            return self

        def __exit__(self, *problem):
            self.handle.remove()
            for m, mode in zip(model.modules(), self.modes):
                m.training = mode

    pieces = name.split(":")
    part = functools.reduce(getattr, pieces[0].split("."), model)
    with torch.no_grad(), Visit(part, int(pieces[1]) if len(pieces) > 1 else 0) as visit:
        model(x)
    return visit.value


@also("get_activation", "on a copy of the net, so that nothing has to be put back")
def get_activation(model, name, x):
    part, number = name.split(":") if ":" in name else (name, "0")
    twin = copy.deepcopy(model)
    module = {n: m for n, m in twin.named_modules()}[part]
    for m in twin.modules():
        m.training = False
    seen = []

    def look(module, inputs, output):
        outputs = output if isinstance(output, tuple) else (output,)
        seen.append(outputs[int(number)].detach().clone())

    module.register_forward_hook(look)
    with torch.no_grad():
        twin(x)
    return seen[-1]


def _look(model, name, x, clone=True, detach=True, evaluate=True, restore="each", remove=True, safe=True,
          pick=None, last=True, find=None, grad=False):
    """The wrong ones below: the usual program with one or two things otherwise."""
    part, _, number = name.partition(":")
    number = int(number or 0)
    module = (find or (lambda net, n: dict(net.named_modules())[n]))(model, part)
    kept = []

    def take(out):
        if pick:
            return pick(out, number)
        return out[number] if isinstance(out, tuple) else out

    def hook(m, i, o):
        value = take(o)
        if detach:
            value = value.detach()
        if clone:
            value = value.clone()
        kept.append(value)

    modes = [(m, m.training) for m in model.modules()]
    handle = module.register_forward_hook(hook)

    def leave():
        if remove:
            handle.remove()
        if restore == "each":
            for m, mode in modes:
                m.training = mode
        elif restore == "top":
            model.train(modes[0][1])
        elif restore == "train":
            model.train()

    if evaluate:
        model.eval()
    with torch.set_grad_enabled(grad):
        if safe:
            try:
                model(x)
            finally:
                leave()
        else:
            model(x)
            leave()
    return kept[-1 if last else 0]


@wrong("get_activation", "hook never removed", r"hook|remove")
def get_activation(model, name, x):
    part, _, number = name.partition(":")
    kept = {}

    def hook(m, i, o):
        o = o[int(number or 0)] if isinstance(o, tuple) else o
        kept["a"] = o.detach().clone()

    dict(model.named_modules())[part].register_forward_hook(hook)
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            model(x)
    finally:
        for m, mode in modes:
            m.training = mode
    return kept["a"]


@wrong("get_activation", "no finally: hook and mode stay wrong when the forward pass fails", r"fail|finally|error|hook|mode|exception")
def get_activation(model, name, x):
    return _look(model, name, x, safe=False)


@wrong("get_activation", "hook removed in finally, modes put back only on success", r"fail|finally|error|mode|exception|train")
def get_activation(model, name, x):
    part, _, number = name.partition(":")
    kept = {}

    def hook(m, i, o):
        o = o[int(number or 0)] if isinstance(o, tuple) else o
        kept["a"] = o.detach().clone()

    modes = [(m, m.training) for m in model.modules()]
    handle = dict(model.named_modules())[part].register_forward_hook(hook)
    model.eval()
    try:
        with torch.no_grad():
            model(x)
    finally:
        handle.remove()
    for m, mode in modes:
        m.training = mode
    return kept["a"]


@wrong("get_activation", "the net runs in whatever mode it is in", r"evaluation|eval|mode|dropout|batch norm|training")
def get_activation(model, name, x):
    return _look(model, name, x, evaluate=False)


@wrong("get_activation", "only the part itself is put into evaluation mode", r"evaluation|eval|mode|whole|earlier|before|training|statistic")
def get_activation(model, name, x):
    part = dict(model.named_modules())[name.partition(":")[0]]
    was = [(m, m.training) for m in part.modules()]
    part.eval()
    try:
        return _look(model, name, x, evaluate=False)
    finally:
        for m, mode in was:
            m.training = mode


@wrong("get_activation", "left in training mode: model.train() at the end", r"mode|train|eval|left|as it was|back")
def get_activation(model, name, x):
    return _look(model, name, x, restore="train")


@wrong("get_activation", "left in evaluation mode", r"mode|train|eval|left|as it was|back")
def get_activation(model, name, x):
    return _look(model, name, x, restore=None)


@wrong("get_activation", "model.train(was): the net's own mode for all parts", r"mode|part|each|differ|train|frozen|as it was|back")
def get_activation(model, name, x):
    return _look(model, name, x, restore="top")


@wrong("get_activation", "no copy: what later parts do in place shows", r"in place|copy|clone|later")
def get_activation(model, name, x):
    return _look(model, name, x, clone=False)


@wrong("get_activation", "copied after the forward pass only: too late for later in-place parts", r"in place|copy|clone|later|late")
def get_activation(model, name, x):
    return _look(model, name, x, clone=False).clone()


@wrong("get_activation", "copies single outputs, but not those of a tuple", r"in place|copy|clone|tuple|later")
def get_activation(model, name, x):
    part, _, number = name.partition(":")
    kept = []

    def hook(m, i, o):
        if isinstance(o, tuple):
            kept.append(o[int(number or 0)].detach())
        else:
            kept.append(o.detach().clone())

    modes = [(m, m.training) for m in model.modules()]
    handle = dict(model.named_modules())[part].register_forward_hook(hook)
    try:
        model.eval()
        with torch.no_grad():
            model(x)
    finally:
        handle.remove()
        for m, mode in modes:
            m.training = mode
    return kept[-1]


@wrong("get_activation", "the activation still hangs on the graph", r"graph|detach|grad")
def get_activation(model, name, x):
    return _look(model, name, x, detach=False, grad=True)


@wrong("get_activation", "the first call counts when a part is called several times", r"last|first|call|several|twice|again")
def get_activation(model, name, x):
    return _look(model, name, x, last=False)


@wrong("get_activation", "an exception stops the net at the part: its first call, not the last", r"last|first|call|several|twice|again|stop")
def get_activation(model, name, x):
    class Stop(Exception):
        pass

    part, _, number = name.partition(":")
    kept = []

    def hook(m, i, o):
        o = o[int(number or 0)] if isinstance(o, tuple) else o
        kept.append(o.detach().clone())
        raise Stop

    modes = [(m, m.training) for m in model.modules()]
    handle = dict(model.named_modules())[part].register_forward_hook(hook)
    model.eval()
    try:
        with torch.no_grad():
            model(x)
    except Stop:
        pass
    finally:
        handle.remove()
        for m, mode in modes:
            m.training = mode
    return kept[0]


@wrong("get_activation", "all calls' outputs joined", r"last|call|several|join|concat|cat|rows|shape")
def get_activation(model, name, x):
    part, _, number = name.partition(":")
    kept = []
    handle = dict(model.named_modules())[part].register_forward_hook(
        lambda m, i, o: kept.append((o[int(number or 0)] if isinstance(o, tuple) else o).detach().clone()) or None)
    modes = [(m, m.training) for m in model.modules()]
    try:
        model.eval()
        with torch.no_grad():
            model(x)
    finally:
        handle.remove()
        for m, mode in modes:
            m.training = mode
    return torch.cat(kept)


@wrong("get_activation", "':1' is read and thrown away: always the first output", r":1|second|output|number|index|first")
def get_activation(model, name, x):
    return _look(model, name, x, pick=lambda o, k: o[0] if isinstance(o, tuple) else o)


@wrong("get_activation", "outputs counted from 1: ':1' is the first", r":1|:0|second|count|index|from 0|number|one")
def get_activation(model, name, x):
    return _look(model, name, x, pick=lambda o, k: o[k - 1 if k else 0] if isinstance(o, tuple) else o)


@wrong("get_activation", "'part:0' of a part with one output takes the batch's first picture", r":0|first|batch|tensor|row|index|picture|example|tuple")
def get_activation(model, name, x):
    if ":" not in name:
        return _look(model, name, x)
    return _look(model, name, x, pick=lambda o, k: o[k])


@wrong("get_activation", "without a number a tuple is returned whole", r"tuple|:0|short|first output|tensor")
def get_activation(model, name, x):
    part, _, number = name.partition(":")
    kept = {}

    def hook(m, i, o):
        if number and isinstance(o, tuple):
            o = o[int(number)]
        kept["o"] = tuple(t.detach().clone() for t in o) if isinstance(o, tuple) else o.detach().clone()

    modes = [(m, m.training) for m in model.modules()]
    handle = dict(model.named_modules())[part].register_forward_hook(hook)
    try:
        model.eval()
        with torch.no_grad():
            model(x)
    finally:
        handle.remove()
        for m, mode in modes:
            m.training = mode
    return kept["o"]


@wrong("get_activation", "the colon is not cut off: 'part:1' is looked for as a name", r":1|:0|colon|name|KeyError|second|output")
def get_activation(model, name, x):
    modes = [(m, m.training) for m in model.modules()]
    kept = []
    handle = dict(model.named_modules())[name].register_forward_hook(
        lambda m, i, o: kept.append((o[0] if isinstance(o, tuple) else o).detach().clone()))
    try:
        model.eval()
        with torch.no_grad():
            model(x)
    finally:
        handle.remove()
        for m, mode in modes:
            m.training = mode
    return kept[-1]


@wrong("get_activation", "None instead of an error when there is no such part", r"error|no part|name|None|raise|exist")
def get_activation(model, name, x):
    part = name.partition(":")[0]
    if part not in dict(model.named_modules()):
        return None
    return _look(model, name, x)


@wrong("get_activation", "any part whose name ends so will do: a short or wrong name gives no error", r"error|name|end|no part|exact|wrong part|raise|match|full")
def get_activation(model, name, x):
    return _look(model, name, x, find=lambda net, n: [m for k, m in net.named_modules() if k.endswith(n)][-1])


@wrong("get_activation", "the first part whose name begins so: 'features.bl' gives no error", r"error|name|begin|no part|exact|wrong part|raise|match|prefix|full")
def get_activation(model, name, x):
    return _look(model, name, x, find=lambda net, n: next(m for k, m in net.named_modules() if k.startswith(n)))


@wrong("get_activation", "the part's input instead of its output", r"input|output")
def get_activation(model, name, x):
    part, _, number = name.partition(":")
    kept = []
    modes = [(m, m.training) for m in model.modules()]
    handle = dict(model.named_modules())[part].register_forward_pre_hook(
        lambda m, inputs: kept.append(inputs[0].detach().clone()))
    try:
        model.eval()
        with torch.no_grad():
            model(x)
    finally:
        handle.remove()
        for m, mode in modes:
            m.training = mode
    return kept[-1]


@wrong("get_activation", "runs the children one after the other instead of the net: names with dots are not found, forward is passed over", r"forward|children|name|dot|nested|order|part|KeyError|error")
def get_activation(model, name, x):
    part, _, number = name.partition(":")
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            for child_name, child in model.named_children():
                x = child(x)
                if child_name == part:
                    x = x[int(number or 0)] if isinstance(x, tuple) else x
                    return x.clone()
    finally:
        for m, mode in modes:
            m.training = mode
    raise KeyError(name)


@wrong("get_activation", "a numpy array instead of a tensor", r"tensor|numpy|type|array")
def get_activation(model, name, x):
    return _look(model, name, x).numpy()


@wrong("get_activation", "two: no evaluation mode, no copy", r"evaluation|eval|mode|in place|copy|clone|training")
def get_activation(model, name, x):
    return _look(model, name, x, evaluate=False, clone=False)


@wrong("get_activation", "two: hook stays, model.train(was) for all parts", r"hook|remove|mode|part|each")
def get_activation(model, name, x):
    return _look(model, name, x, remove=False, restore="top")


@wrong("get_activation", "two: on the graph, and the first call counts", r"graph|detach|grad|last|first|call")
def get_activation(model, name, x):
    return _look(model, name, x, detach=False, grad=True, last=False)


# ================================================================ extract_features
@right
def extract_features(model, layer, loader, device):
    features, labels = [], []
    for x, y in loader:
        features.append(_activation(model, layer, x.to(device)).reshape(len(x), -1).cpu())
        labels.append(y.cpu())
    return torch.cat(features), torch.cat(labels)


_features = extract_features


@also("extract_features", "one hook for the whole pass; reshape to (len(x), -1)")
def extract_features(model, layer, loader, device):
    part, number = layer.split(":") if ":" in layer else (layer, 0)
    newest = [None]

    def hook(module, inputs, output):
        out = output[int(number)] if isinstance(output, (tuple, list)) else output
        newest[0] = out.detach().reshape(len(out), -1).to("cpu", copy=True)

    modes = {m: m.training for m in model.modules()}
    handle = model.get_submodule(part).register_forward_hook(hook)
    rows, answers = [], []
    try:
        for m in modes:
            m.training = False
        with torch.no_grad():
            for x, y in loader:
                model(x.to(device))
                rows.append(newest[0])
                answers.append(y)
    finally:
        handle.remove()
        for m, mode in modes.items():
            m.training = mode
    return torch.cat(rows, dim=0), torch.cat(answers, dim=0)


@also("extract_features", "list of pairs, then zip(*...); torch.vstack")
def extract_features(model, layer, loader, device):
    pairs = [(_activation(model, layer, x.to(device)).to("cpu").view(x.shape[0], -1), y) for x, y in loader]
    features, labels = zip(*pairs)
    return torch.vstack(features), torch.hstack(labels)


@also("extract_features", "inference_mode, rows collected one by one")
def extract_features(model, layer, loader, device):
    rows, labels = [], []
    with torch.inference_mode():
        for batch in loader:
            a = _activation(model, layer, batch[0].to(device)).cpu()
            for row, label in zip(a, batch[1]):
                rows.append(row.ravel().clone())
                labels.append(label)
    return torch.stack(rows), torch.stack(labels)


def _extract(model, layer, loader, device, shape=lambda a: a.flatten(1), get=None):
    features, labels = [], []
    for x, y in loader:
        features.append(shape((get or _activation)(model, layer, x.to(device))).cpu())
        labels.append(y)
    return torch.cat(features), torch.cat(labels)


@wrong("extract_features", "two passes over the loader: labels of another order", r"order|pass|label|twice|belong|match|again|picture")
def extract_features(model, layer, loader, device):
    features = torch.cat([_activation(model, layer, x.to(device)).flatten(1).cpu() for x, _ in loader])
    labels = torch.cat([y for _, y in loader])
    return features, labels


@wrong("extract_features", "maps averaged over all places instead of flattened", r"flatten|averag|mean|all the layer|places|shape|D\b")
def extract_features(model, layer, loader, device):
    return _extract(model, layer, loader, device, lambda a: a.mean((2, 3)) if a.ndim == 4 else a.flatten(1))


@wrong("extract_features", "maps not flattened: (N, C, H, W)", r"flatten|shape|\(N, D\)|row|two|dimension")
def extract_features(model, layer, loader, device):
    return _extract(model, layer, loader, device, lambda a: a)


@wrong("extract_features", "flatten() runs the pictures together too: one long vector", r"flatten|shape|row|picture|\(N, D\)|one")
def extract_features(model, layer, loader, device):
    return _extract(model, layer, loader, device, lambda a: a.flatten())


@wrong("extract_features", "channels moved to the end before flattening", r"order|channel|permut|flatten|transpos")
def extract_features(model, layer, loader, device):
    return _extract(model, layer, loader, device, lambda a: (a.permute(0, 2, 3, 1) if a.ndim == 4 else a).flatten(1))


@wrong("extract_features", "squeeze(): a last batch of one picture loses its row", r"squeeze|one picture|last|batch of one|single|dimension|shape|row")
def extract_features(model, layer, loader, device):
    return _extract(model, layer, loader, device, lambda a: a.squeeze() if a.squeeze().ndim < 3 else a.flatten(1))


@wrong("extract_features", "reshape to the first batch's size: fails or mixes rows when the last batch is smaller", r"last|small|batch|size|shape|reshape")
def extract_features(model, layer, loader, device):
    features, labels, n = [], [], None
    for x, y in loader:
        n = n or len(x)
        features.append(_activation(model, layer, x.to(device)).reshape(n, -1).cpu())
        labels.append(y)
    return torch.cat(features), torch.cat(labels)


@wrong("extract_features", "the smaller last batch is left out", r"last|small|batch|left out|missing|every picture|N\b|drop")
def extract_features(model, layer, loader, device):
    features, labels, size = [], [], 0
    for x, y in loader:
        if len(x) < size:
            continue
        size = len(x)
        features.append(_activation(model, layer, x.to(device)).flatten(1).cpu())
        labels.append(y)
    return torch.cat(features), torch.cat(labels)


@wrong("extract_features", "torch.stack of the batches: an axis too many, and no smaller last batch", r"stack|cat|last|small|shape|batch|equal size")
def extract_features(model, layer, loader, device):
    features, labels = [], []
    for x, y in loader:
        features.append(_activation(model, layer, x.to(device)).flatten(1).cpu())
        labels.append(y)
    return torch.stack(features), torch.stack(labels)


@wrong("extract_features", "return inside the loop: first batch only", r"first|batch|all|every|missing|N\b|only")
def extract_features(model, layer, loader, device):
    for x, y in loader:
        return _activation(model, layer, x.to(device)).flatten(1).cpu(), y


@wrong("extract_features", "labels of the last batch only", r"label|last|all|every|N\b|number|length")
def extract_features(model, layer, loader, device):
    features = []
    for x, y in loader:
        features.append(_activation(model, layer, x.to(device)).flatten(1).cpu())
    return torch.cat(features), y


@wrong("extract_features", "training mode: dropout and batch norm work, running statistics move", r"evaluation|eval|mode|dropout|batch norm|training|statistic")
def extract_features(model, layer, loader, device):
    return _extract(model, layer, loader, device, get=functools.partial(_look, evaluate=False))


@wrong("extract_features", "the net is left in evaluation mode", r"mode|eval|train|as it was|left|back")
def extract_features(model, layer, loader, device):
    model.eval()
    return _extract(model, layer, loader, device)


@wrong("extract_features", "features hang on the graph", r"graph|detach|grad")
def extract_features(model, layer, loader, device):
    return _extract(model, layer, loader, device, get=functools.partial(_look, detach=False, grad=True))


@wrong("extract_features", "batches are not sent to the device", r"device|sent|to\(|go there|meta|move")
def extract_features(model, layer, loader, device):
    features, labels = [], []
    for x, y in loader:
        features.append(_activation(model, layer, x).flatten(1).cpu())
        labels.append(y)
    return torch.cat(features), torch.cat(labels)


@wrong("extract_features", "goes through loader.dataset: a list of batches has none", r"dataset|iterable|list|loader|attribute")
def extract_features(model, layer, loader, device):
    xs, ys = zip(*[loader.dataset[i] for i in range(len(loader.dataset))])
    return _activation(model, layer, torch.stack(xs).to(device)).flatten(1).cpu(), torch.as_tensor(ys)


@wrong("extract_features", "labels as a Python list", r"label|tensor|list|type")
def extract_features(model, layer, loader, device):
    features, labels = _extract(model, layer, loader, device)
    return features, labels.tolist()


@wrong("extract_features", "numpy arrays instead of tensors", r"tensor|numpy|type|array")
def extract_features(model, layer, loader, device):
    features, labels = _extract(model, layer, loader, device)
    return features.numpy(), labels.numpy()


@wrong("extract_features", "labels first, features second", r"order|first|swap|exchang|features|labels|return")
def extract_features(model, layer, loader, device):
    return _extract(model, layer, loader, device)[::-1]


@wrong("extract_features", "one hook appends at every call: two rows a picture when the part is called twice", r"call|twice|several|rows|last|again|N\b")
def extract_features(model, layer, loader, device):
    part, _, number = layer.partition(":")
    features, labels = [], []

    def hook(m, i, o):
        o = o[int(number or 0)] if isinstance(o, tuple) else o
        features.append(o.detach().clone().flatten(1).cpu())

    modes = [(m, m.training) for m in model.modules()]
    handle = dict(model.named_modules())[part].register_forward_hook(hook)
    try:
        model.eval()
        with torch.no_grad():
            for x, y in loader:
                model(x.to(device))
                labels.append(y)
    finally:
        handle.remove()
        for m, mode in modes:
            m.training = mode
    return torch.cat(features), torch.cat(labels)


@wrong("extract_features", "own hook without a copy, and it ignores ':1' (two)", r"in place|copy|clone|:1|second|output|later")
def extract_features(model, layer, loader, device):
    part = layer.split(":")[0]
    now = {}
    modes = [(m, m.training) for m in model.modules()]
    handle = dict(model.named_modules())[part].register_forward_hook(
        lambda m, i, o: now.update(a=o[0] if isinstance(o, tuple) else o))
    features, labels = [], []
    try:
        model.eval()
        with torch.no_grad():
            for x, y in loader:
                model(x.to(device))
                features.append(now["a"].flatten(1).cpu())
                labels.append(y)
    finally:
        handle.remove()
        for m, mode in modes:
            m.training = mode
    return torch.cat(features), torch.cat(labels)


@wrong("extract_features", "rows scaled to length 1", r"scal|normal|length|unit|as the layer|values|all the layer")
def extract_features(model, layer, loader, device):
    features, labels = _extract(model, layer, loader, device)
    return F.normalize(features, dim=1), labels


@wrong("extract_features", "two: labels from a second pass, maps averaged", r"order|pass|label|flatten|averag|mean|shape")
def extract_features(model, layer, loader, device):
    rows = []
    for x, _ in loader:
        a = _activation(model, layer, x.to(device))
        rows.append(a.flatten(2).mean(2).cpu() if a.ndim > 2 else a.cpu())
    return torch.cat(rows), torch.cat([y for _, y in loader])


@wrong("extract_features", "two: left in evaluation mode, smaller last batch cut off by a fixed array", r"mode|eval|last|small|batch|N\b|left|zero|rows")
def extract_features(model, layer, loader, device):
    model.eval()
    batches = list(loader)
    size = len(batches[-1][0])
    features = [_activation(model, layer, x.to(device)).flatten(1).cpu()[:size] for x, _ in batches]
    return torch.cat(features), torch.cat([y[:size] for _, y in batches])


# ================================================================ freeze_and_replace
def _stay(self, mode=True):
    return self


@right
def freeze_and_replace(model, num_classes):
    name, old = [(n, m) for n, m in model.named_modules() if isinstance(m, nn.Linear)][-1]
    for p in model.parameters():
        p.requires_grad_(False)
        p.grad = None
    for part in model.modules():
        if part is not old and not list(part.children()):
            part.eval()
            part.train = types.MethodType(_stay, part)
    path, _, last = name.rpartition(".")
    head = nn.Linear(old.in_features, num_classes, dtype=old.weight.dtype, device=old.weight.device)
    setattr(model.get_submodule(path), last, head)
    return model


_freeze = freeze_and_replace


@also("freeze_and_replace", "subclass made on the fly, add_module, head first")
def freeze_and_replace(model, num_classes):
    path = None
    for name, part in model.named_modules():
        if isinstance(part, nn.Linear):
            path, old = name, part
    parent = functools.reduce(getattr, path.split(".")[:-1], model)
    new = nn.Linear(old.in_features, num_classes, bias=True).to(old.weight)
    parent.add_module(path.split(".")[-1], new)
    model.requires_grad_(False)
    new.requires_grad_(True)
    for part in model.modules():
        if part is new or any(True for _ in part.children()):
            continue
        part.training = False
        kind = type(part)
        part.__class__ = type(kind.__name__, (kind,), {"train": lambda self, mode=True: self})
    for name, p in model.named_parameters():
        if not p.requires_grad:
            p.grad = None
    return model


@also("freeze_and_replace", "functools.partial as train; helper inside; deque of parts")
def freeze_and_replace(model, num_classes):
    def frozen_train(part, mode=True):
        return part

    linear_names = [name for name, m in model.named_modules() if isinstance(m, nn.Linear)]
    *where, attribute = linear_names[-1].split(".")
    parent = model
    for step in where:
        parent = getattr(parent, step)
    old = getattr(parent, attribute)
    setattr(parent, attribute, nn.Linear(old.in_features, num_classes, device=old.weight.device, dtype=old.weight.dtype))
    head = getattr(parent, attribute)
    mine = {id(p) for p in head.parameters()}
    for p in model.parameters():
        if id(p) not in mine:
            p.requires_grad = False
            p.grad = None
    leaves = [m for m in model.modules() if m is not head and len(m._modules) == 0]
    for leaf in leaves:
        leaf.train(False)
        leaf.train = functools.partial(frozen_train, leaf)
    return model


def _frz(model, num_classes, which=None, patch=True, evaluate=True, before=None, head=None, freeze=None, drop_grad=True,
         patched=None, patch_first=False, store=True):
    """The wrong ones below: the usual program with one or two things otherwise."""
    linears = [(n, m) for n, m in model.named_modules() if isinstance(m, nn.Linear)]
    name, old = linears[which if which is not None else -1]
    if freeze:
        freeze(model)
    else:
        for p in model.parameters():
            p.requires_grad = False
    if drop_grad:
        for p in model.parameters():
            p.grad = None
    for m in model.modules():
        if m is old:
            continue
        if patched(m) if patched else not list(m.children()):
            if patch and patch_first:
                m.train = types.MethodType(_stay, m)
            if evaluate:
                m.eval()
            if patch:
                m.train = types.MethodType(_stay, m)
    path, _, last = name.rpartition(".")
    make = head or (lambda old, k: nn.Linear(old.in_features, k, dtype=old.weight.dtype, device=old.weight.device))
    if store:
        setattr(model.get_submodule(path), last, make(old, num_classes))
    return model


@wrong("freeze_and_replace", "evaluation mode once only: model.train() wakes batch norm and dropout", r"train|mode|batch norm|dropout|evaluation|stay|statistic")
def freeze_and_replace(model, num_classes):
    return _frz(model, num_classes, patch=False)


@wrong("freeze_and_replace", "requires_grad only: no thought of the modes", r"train|mode|batch norm|dropout|evaluation|stay|statistic|eval")
def freeze_and_replace(model, num_classes):
    for p in model.parameters():
        p.requires_grad = False
        p.grad = None
    name = [n for n, m in model.named_modules() if isinstance(m, nn.Linear)][-1]
    old = model.get_submodule(name)
    path, _, last = name.rpartition(".")
    setattr(model.get_submodule(path), last, nn.Linear(old.in_features, num_classes).to(old.weight))
    return model


@wrong("freeze_and_replace", "train made to do nothing first, then .eval(): that does nothing either", r"eval|mode|train|evaluation|order|first")
def freeze_and_replace(model, num_classes):
    return _frz(model, num_classes, patch_first=True)


@wrong("freeze_and_replace", "train overridden on the whole net: model.train() does nothing at all", r"net as a whole|model\.train|whole|train|works as ever|head|mode")
def freeze_and_replace(model, num_classes):
    _frz(model, num_classes, patch=False)
    model.eval()
    model.train = types.MethodType(_stay, model)
    return model


@wrong("freeze_and_replace", "model.train wrapped to put the frozen parts back: model.features.train() wakes them", r"train on them|part|does nothing|direct|container|mode|batch norm|dropout|evaluation")
def freeze_and_replace(model, num_classes):
    _frz(model, num_classes, patch=False)
    head = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]

    def train(mode=True):
        type(model).train(model, mode)
        for m in model.modules():
            if m is not head and not list(m.children()):
                m.training = False
        return model

    model.train = train
    return model


@wrong("freeze_and_replace", "containers frozen too: a head inside one is never reached by model.train()", r"container|head|train|parts of their own|Sequential|inside|mode|as ever|whole")
def freeze_and_replace(model, num_classes):
    return _frz(model, num_classes, patched=lambda m: m is not model)


@wrong("freeze_and_replace", "train does nothing on the new head either", r"head|train|mode|as ever")
def freeze_and_replace(model, num_classes):
    _frz(model, num_classes)
    for m in model.modules():
        if not list(m.children()):
            m.eval()
            m.train = types.MethodType(_stay, m)
    return model


@wrong("freeze_and_replace", "only BatchNorm2d kept in evaluation mode: dropout and BatchNorm1d wake up", r"dropout|BatchNorm1d|mode|train|evaluation|all")
def freeze_and_replace(model, num_classes):
    return _frz(model, num_classes, patched=lambda m: isinstance(m, nn.BatchNorm2d))


@wrong("freeze_and_replace", "only parts with weights kept in evaluation mode: dropout wakes up", r"dropout|mode|train|evaluation|without weights|parameters")
def freeze_and_replace(model, num_classes):
    return _frz(model, num_classes, patched=lambda m: not list(m.children()) and list(m.parameters()))


@wrong("freeze_and_replace", "train replaced by a function without arguments: model.train() fails", r"argument|train|TypeError|takes|mode")
def freeze_and_replace(model, num_classes):
    _frz(model, num_classes, patch=False)
    head = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    for m in model.modules():
        if m is not head and not list(m.children()):
            m.train = lambda: None
    return model


@wrong("freeze_and_replace", "batch norm's momentum 0 instead of evaluation mode: statistics stay, outputs are the batch's", r"mode|evaluation|batch norm|momentum|training|train")
def freeze_and_replace(model, num_classes):
    _frz(model, num_classes, patched=lambda m: isinstance(m, nn.modules.dropout._DropoutNd))
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.momentum = 0.0
    return model


@wrong("freeze_and_replace", "batch norm's gamma and beta stay trainable", r"batch norm|γ|gamma|trainable|requires_grad|frozen|parameter")
def freeze_and_replace(model, num_classes):
    def freeze(net):
        for m in net.modules():
            if isinstance(m, (nn.Conv2d, nn.Linear)):
                m.requires_grad_(False)
    return _frz(model, num_classes, freeze=freeze)


@wrong("freeze_and_replace", "m.requires_grad = False on the modules: freezes nothing", r"requires_grad|frozen|trainable|parameter|nothing")
def freeze_and_replace(model, num_classes):
    def freeze(net):
        for m in net.modules():
            m.requires_grad = False
    return _frz(model, num_classes, freeze=freeze)


@wrong("freeze_and_replace", "frozen after the head was put in: nothing is trainable", r"head|trainable|requires_grad|frozen|order|after")
def freeze_and_replace(model, num_classes):
    return _frz(model, num_classes).requires_grad_(False)


@wrong("freeze_and_replace", "only model.features is frozen: other linear layers stay trainable", r"trainable|frozen|other|requires_grad|all else|linear")
def freeze_and_replace(model, num_classes):
    name, old = [(n, m) for n, m in model.named_modules() if isinstance(m, nn.Linear)][-1]
    first = next(model.children())
    for p in first.parameters():
        p.requires_grad = False
        p.grad = None
    for m in model.modules():
        if m is not old and not list(m.children()):
            m.eval()
            m.train = types.MethodType(_stay, m)
    path, _, last = name.rpartition(".")
    setattr(model.get_submodule(path), last, nn.Linear(old.in_features, num_classes).to(old.weight))
    return model


@wrong("freeze_and_replace", "old .grad left standing: an optimizer over all parameters still moves frozen weights", r"\.grad|gradient|optimizer|bit|moves|None|decay|left")
def freeze_and_replace(model, num_classes):
    return _frz(model, num_classes, drop_grad=False)


@wrong("freeze_and_replace", "the first nn.Linear is taken for the head", r"last|first|head|Linear|which")
def freeze_and_replace(model, num_classes):
    return _frz(model, num_classes, which=0)


@wrong("freeze_and_replace", "the head must be called 'head'", r"head|name|last|Linear|attribute|called")
def freeze_and_replace(model, num_classes):
    old = model.head
    for p in model.parameters():
        p.requires_grad = False
        p.grad = None
    for m in model.modules():
        if m is not old and not list(m.children()):
            m.eval()
            m.train = types.MethodType(_stay, m)
    model.head = nn.Linear(old.in_features, num_classes).to(old.weight)
    return model


@wrong("freeze_and_replace", "the last child must be the head: nn.Linear inside a classifier block or before other parts is not found", r"head|last|child|nested|inside|Linear|find|attribute")
def freeze_and_replace(model, num_classes):
    name, old = list(model.named_children())[-1]
    for p in model.parameters():
        p.requires_grad = False
        p.grad = None
    for m in model.modules():
        if m is not old and not list(m.children()):
            m.eval()
            m.train = types.MethodType(_stay, m)
    setattr(model, name, nn.Linear(old.in_features, num_classes).to(old.weight))
    return model


@wrong("freeze_and_replace", "setattr(model, 'a.b', new): a nested head is not replaced, the new one hangs beside it", r"nested|dot|name|parent|setattr|replac|head|inside")
def freeze_and_replace(model, num_classes):
    name, old = [(n, m) for n, m in model.named_modules() if isinstance(m, nn.Linear)][-1]
    _frz(model, num_classes, store=False)
    new = nn.Linear(old.in_features, num_classes, dtype=old.weight.dtype, device=old.weight.device)
    if "." in name:
        model._modules[name] = new
    else:
        setattr(model, name, new)
    return model


@wrong("freeze_and_replace", "the old head is kept when the number of classes stays the same", r"same|new|kept|old|number of classes|head")
def freeze_and_replace(model, num_classes):
    def head(old, k):
        if old.out_features == k:
            return old.requires_grad_(True)
        return nn.Linear(old.in_features, k, dtype=old.weight.dtype, device=old.weight.device)
    return _frz(model, num_classes, head=head)


@wrong("freeze_and_replace", "the old weights' first rows are copied into the new head", r"new|old|weights|copied|usual|first|rows|init")
def freeze_and_replace(model, num_classes):
    def head(old, k):
        new = nn.Linear(old.in_features, k, dtype=old.weight.dtype, device=old.weight.device)
        with torch.no_grad():
            rows = min(k, old.out_features)
            new.weight[:rows] = old.weight[:rows]
        return new
    return _frz(model, num_classes, head=head)


@wrong("freeze_and_replace", "new head starts at zero", r"zero|usual|init|first weights|random|0")
def freeze_and_replace(model, num_classes):
    def head(old, k):
        new = nn.Linear(old.in_features, k, dtype=old.weight.dtype, device=old.weight.device)
        nn.init.zeros_(new.weight)
        nn.init.zeros_(new.bias)
        return new
    return _frz(model, num_classes, head=head)


@wrong("freeze_and_replace", "a bias only if the old head had one", r"bias")
def freeze_and_replace(model, num_classes):
    return _frz(model, num_classes, head=lambda old, k: nn.Linear(
        old.in_features, k, bias=old.bias is not None, dtype=old.weight.dtype, device=old.weight.device))


@wrong("freeze_and_replace", "the new head is float32 on the CPU whatever the net is", r"dtype|float64|double|device|float32")
def freeze_and_replace(model, num_classes):
    return _frz(model, num_classes, head=lambda old, k: nn.Linear(old.in_features, k))


@wrong("freeze_and_replace", "works on a copy and returns that", r"same object|in place|copy|return|changed")
def freeze_and_replace(model, num_classes):
    return _frz(copy.deepcopy(model), num_classes)


@wrong("freeze_and_replace", "returns nothing", r"return|None|same object")
def freeze_and_replace(model, num_classes):
    _frz(model, num_classes)


@wrong("freeze_and_replace", "only out_features and weight of the old head are changed: its bias keeps the old length", r"bias|new|head|shape|size|object|length")
def freeze_and_replace(model, num_classes):
    def head(old, k):
        old.out_features = k
        old.weight = nn.Parameter(nn.Linear(old.in_features, k).weight.detach().to(old.weight))
        if old.bias is not None:
            old.bias.requires_grad_(True)
        return old
    return _frz(model, num_classes, head=head)


@wrong("freeze_and_replace", "every nn.Linear is trainable again, not only the head", r"trainable|only|head|Linear|requires_grad|frozen|other")
def freeze_and_replace(model, num_classes):
    _frz(model, num_classes)
    for m in model.modules():
        if isinstance(m, nn.Linear):
            m.requires_grad_(True)
    return model


@wrong("freeze_and_replace", "two: evaluation mode once only, bias as before", r"train|mode|bias|batch norm|dropout|evaluation|stay")
def freeze_and_replace(model, num_classes):
    return _frz(model, num_classes, patch=False, head=lambda old, k: nn.Linear(
        old.in_features, k, bias=old.bias is not None, dtype=old.weight.dtype, device=old.weight.device))


@wrong("freeze_and_replace", "two: only batch norm kept in evaluation mode, gamma and beta trainable", r"dropout|mode|trainable|γ|batch norm|requires_grad|frozen")
def freeze_and_replace(model, num_classes):
    norms = nn.modules.batchnorm._BatchNorm

    def freeze(net):
        for m in net.modules():
            if not isinstance(m, norms):
                for p in m.parameters(recurse=False):
                    p.requires_grad = False
    return _frz(model, num_classes, freeze=freeze, patched=lambda m: isinstance(m, norms))


@wrong("freeze_and_replace", "two: old .grad left standing, old head kept at equal number of classes", r"\.grad|gradient|optimizer|same|new|kept|old|head")
def freeze_and_replace(model, num_classes):
    def head(old, k):
        if old.out_features == k:
            return old.requires_grad_(True)
        return nn.Linear(old.in_features, k, dtype=old.weight.dtype, device=old.weight.device)
    return _frz(model, num_classes, drop_grad=False, head=head)


# ================================================================ finetune_groups
@right
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    parts = [model.get_submodule(name) for name in middle]
    head = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    for p in model.parameters():
        p.requires_grad_(False)
    taken, groups = set(), []
    for modules, rate in (([head], lr / 10), (parts, lr / 100)):
        params = []
        for p in (p for m in modules for p in m.parameters()):
            if id(p) not in taken:
                taken.add(id(p))
                params.append(p.requires_grad_(True))
        groups.append({"params": params, "lr": rate})
    return groups


_groups = finetune_groups


@also("finetune_groups", "dict of names; named_parameters with prefixes that end in a dot")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    modules = dict(model.named_modules(remove_duplicate=False))
    for name in middle:
        if name not in modules:
            raise KeyError(f"no part {name!r}")
    head = [m for _, m in model.named_modules() if isinstance(m, nn.Linear)].pop()
    ours = {p: None for p in head.parameters()}
    slow = {}
    for name in middle:
        for p in modules[name].parameters():
            if p not in ours:
                slow[p] = None
    for p in model.parameters():
        p.requires_grad = p in ours or p in slow
    return [dict(params=list(ours), lr=0.1 * lr), dict(params=list(slow), lr=0.01 * lr)]


@also("finetune_groups", "slow group first, then the head; model.requires_grad_")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    bag = nn.ModuleList([model.get_submodule(name) for name in middle])
    for m in model.modules():
        if type(m) is nn.Linear or isinstance(m, nn.Linear):
            head = m
    fast = list(head.parameters())
    slow = [p for p in bag.parameters() if all(p is not q for q in fast)]
    model.requires_grad_(False)
    for p in fast + slow:
        p.requires_grad_()
    return [{"params": slow, "lr": lr / 100}, {"params": fast, "lr": lr / 10}]


def _ft(model, lr, middle, head_rate=0.1, slow_rate=0.01, which=-1, freeze=True, thaw=True, params=None, once=True):
    parts = [model.get_submodule(name) for name in middle]
    head = [m for m in model.modules() if isinstance(m, nn.Linear)][which]
    if freeze:
        for p in model.parameters():
            p.requires_grad = False
    fast = list(head.parameters())
    slow, seen = [], {id(p) for p in fast}
    for part in parts:
        for p in (params or (lambda m: m.parameters()))(part):
            if not once or id(p) not in seen:
                seen.add(id(p))
                slow.append(p)
    if thaw:
        for p in fast + slow:
            p.requires_grad = True
    return [{"params": fast, "lr": lr * head_rate}, {"params": slow, "lr": lr * slow_rate}]


@wrong("finetune_groups", "head at lr, middle at lr / 10", r"rate|lr|tenth|10|100")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    return _ft(model, lr, middle, 1, 0.1)


@wrong("finetune_groups", "the two rates exchanged", r"rate|lr|swap|exchang|10|100|head|middle")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    return _ft(model, lr, middle, 0.01, 0.1)


@wrong("finetune_groups", "middle at lr / 1000", r"rate|lr|100|hundredth|middle")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    return _ft(model, lr, middle, 0.1, 0.001)


@wrong("finetune_groups", "the rest of a net that was trainable stays so", r"frozen|freez|requires_grad|rest|else|trainable")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    return _ft(model, lr, middle, freeze=False)


@wrong("finetune_groups", "the middle of a frozen net stays frozen", r"trainable|frozen|requires_grad|middle|learn")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    head = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    slow = []
    seen = set(map(id, head.parameters()))
    for name in middle:
        for p in model.get_submodule(name).parameters():
            if id(p) not in seen:
                seen.add(id(p))
                slow.append(p)
    for p in model.parameters():
        if id(p) not in seen:
            p.requires_grad = False
    for p in head.parameters():
        p.requires_grad = True
    return [{"params": list(head.parameters()), "lr": lr / 10}, {"params": slow, "lr": lr / 100}]


@wrong("finetune_groups", "requires_grad of what learns is never set: frozen stays frozen", r"trainable|frozen|requires_grad|learn")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    parts = [model.get_submodule(n) for n in middle]
    head = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    fast = list(head.parameters())
    slow = list({id(p): p for m in parts for p in m.parameters() if all(p is not q for q in fast)}.values())
    keep = {id(p) for p in fast + slow}
    for p in model.parameters():
        if id(p) not in keep:
            p.requires_grad = False
    return [{"params": fast, "lr": lr / 10}, {"params": slow, "lr": lr / 100}]


@wrong("finetune_groups", "frozen last: nothing is trainable when it is done", r"trainable|frozen|requires_grad|order|learn|nothing")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    groups = _ft(model, lr, middle)
    model.requires_grad_(False)
    return groups


@wrong("finetune_groups", "batch norm's gamma and beta in the middle are left out", r"batch norm|γ|gamma|norm|all that is in|missing|left out")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    norms = nn.modules.batchnorm._BatchNorm
    return _ft(model, lr, middle, params=lambda part: (
        p for m in part.modules() if not isinstance(m, norms) for p in m.parameters(recurse=False)))


@wrong("finetune_groups", "only what lies in the part directly (recurse=False): a block has nothing of its own", r"all that is in|inside|nested|recurs|empty|part|missing|middle")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    return _ft(model, lr, middle, params=lambda part: part.parameters(recurse=False))


@wrong("finetune_groups", "weights, but no biases, in the middle: names that end in 'weight'", r"bias|all that is in|missing|weight|left out")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    return _ft(model, lr, middle, params=lambda part: (p for n, p in part.named_parameters() if n.endswith("weight")))


@wrong("finetune_groups", "a part in a part is listed twice", r"twice|once|duplicat|lie in another|nested|more than one")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    parts = [model.get_submodule(n) for n in middle]
    head = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    model.requires_grad_(False)
    fast, slow = list(head.parameters()), []
    own = {id(p) for p in fast}
    for part in parts:
        slow += [p.requires_grad_(True) for p in part.parameters() if id(p) not in own]
    for p in fast:
        p.requires_grad = True
    return [{"params": fast, "lr": lr / 10}, {"params": slow, "lr": lr / 100}]


@wrong("finetune_groups", "duplicates told by name: weights that two parts share are listed twice", r"twice|once|shared|duplicat|tied|occur|same")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    found = {}
    for name in middle:
        for inner, p in model.get_submodule(name).named_parameters(remove_duplicate=False):
            found[f"{name}.{inner}"] = p
    head = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    own = {id(p) for p in head.parameters()}
    model.requires_grad_(False)
    slow = [p for p in found.values() if id(p) not in own]
    for p in [*head.parameters(), *slow]:
        p.requires_grad = True
    return [{"params": list(head.parameters()), "lr": lr / 10}, {"params": slow, "lr": lr / 100}]


@wrong("finetune_groups", "a head that lies in a middle part is in both groups", r"head|both|twice|once|group|more than one|duplicat")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    parts = [model.get_submodule(n) for n in middle]
    head = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    model.requires_grad_(False)
    slow = {id(p): p for part in parts for p in part.parameters()}
    for p in [*head.parameters(), *slow.values()]:
        p.requires_grad = True
    return [{"params": list(head.parameters()), "lr": lr / 10}, {"params": list(slow.values()), "lr": lr / 100}]


@wrong("finetune_groups", "names taken as beginnings: a name that is no part raises nothing", r"error|name|no part|raise|exist|begin|prefix|startswith|block1")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    head = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    own = {id(p) for p in head.parameters()}
    slow = []
    for name, p in model.named_parameters():
        learns = name.startswith(tuple(middle))
        p.requires_grad = learns or id(p) in own
        if learns and id(p) not in own:
            slow.append(p)
    return [{"params": list(head.parameters()), "lr": lr / 10}, {"params": slow, "lr": lr / 100}]


@wrong("finetune_groups", "names with their dot, but a name that is no part is passed over in silence", r"error|name|no part|raise|exist|silen|missing")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    known = dict(model.named_modules())
    return _ft(model, lr, [name for name in middle if name in known])


@wrong("finetune_groups", "another default: block4 alone", r"default|block3|middle")
def finetune_groups(model, lr, middle=("features.block4",)):
    return _ft(model, lr, middle)


@wrong("finetune_groups", "middle is not read: block3 and block4 always", r"middle|block3|ignor|name|always|argument")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    return _ft(model, lr, [n for n in ("features.block3", "features.block4") if n in dict(model.named_modules())])


@wrong("finetune_groups", "the first nn.Linear is taken for the head", r"last|first|head|Linear")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    return _ft(model, lr, middle, which=0)


@wrong("finetune_groups", "the head must be called 'head'", r"head|name|last|Linear|attribute|called")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    parts = [model.get_submodule(n) for n in middle]
    model.requires_grad_(False)
    fast = list(model.head.parameters())
    slow = list({id(p): p for m in parts for p in m.parameters() if all(p is not q for q in fast)}.values())
    for p in fast + slow:
        p.requires_grad = True
    return [{"params": fast, "lr": lr / 10}, {"params": slow, "lr": lr / 100}]


@wrong("finetune_groups", "the head's bias is forgotten", r"bias|head|all|missing")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    groups = _ft(model, lr, middle)
    head = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    head.bias.requires_grad = False
    groups[0]["params"] = [head.weight]
    return groups


@wrong("finetune_groups", "first layers in a third group at rate 0, trainable, instead of frozen", r"third|group|frozen|requires_grad|rate 0|else|rest|two")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    groups = _ft(model, lr, middle)
    listed = {id(p) for g in groups for p in g["params"]}
    rest = [p for p in model.parameters() if id(p) not in listed]
    model.requires_grad_(True)
    return groups + [{"params": rest, "lr": 0.0}]


@wrong("finetune_groups", "model.train() and old gradients cleared along the way: more than requires_grad changes", r"mode|train|\.grad|only|gradient|requires_grad|chang")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    model.train()
    model.zero_grad()
    return _ft(model, lr, middle)


@wrong("finetune_groups", "frozen parts put into evaluation mode too", r"mode|eval|only|requires_grad|chang")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    groups = _ft(model, lr, middle)
    for m in model.modules():
        own = list(m.parameters(recurse=False))
        if own and not any(p.requires_grad for p in own):
            m.eval()
    return groups


@wrong("finetune_groups", "sets instead of lists: torch's optimizers refuse them", r"set|list|order|optimizer|type")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    return [{"params": set(g["params"]), "lr": g["lr"]} for g in _ft(model, lr, middle)]


@wrong("finetune_groups", "the rate stands under 'learning_rate'", r"lr|learning_rate|key|rate")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    return [{"params": g["params"], "learning_rate": g["lr"]} for g in _ft(model, lr, middle)]


@wrong("finetune_groups", "an optimizer instead of its groups", r"list|optimizer|groups|type|return")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    return torch.optim.SGD([g for g in _ft(model, lr, middle) if g["params"]], lr=lr)


@wrong("finetune_groups", "two: rates exchanged, rest stays trainable", r"rate|lr|swap|exchang|frozen|requires_grad|rest")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    return _ft(model, lr, middle, 0.01, 0.1, freeze=False)


@wrong("finetune_groups", "two: parts in parts listed twice, rate lr / 10 for the middle too", r"twice|once|duplicat|rate|lr|100|nested")
def finetune_groups(model, lr, middle=("features.block3", "features.block4")):
    return _ft(model, lr, middle, 0.1, 0.1, once=False)


# ================================================================ transfer_table
def _right_share(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).double().mean().item()


@right
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    table = {}
    for target, (x, y) in targets.items():
        classes = int(y.max()) + 1
        orders = [rng.permutation(np.flatnonzero(y.numpy() == c)) for c in range(classes)]
        rest = torch.from_numpy(np.concatenate([order[max(sizes):] for order in orders]))
        table[target] = {}
        for size in sizes:
            rows = torch.from_numpy(np.concatenate([order[:size] for order in orders]))
            train = x[rows], y[rows]
            table[target][size] = {}
            for way in ("scratch", "features", "finetune"):
                if way == "scratch":
                    net = fresh(classes)
                    groups = [{"params": list(net.parameters()), "lr": lr}]
                else:
                    net = _freeze(copy.deepcopy(source), classes)
                    groups = ([{"params": [p for p in net.parameters() if p.requires_grad], "lr": lr}]
                              if way == "features" else _groups(net, 10 * lr))
                fit(net, groups, train, steps)
                table[target][size][way] = _right_share(net, x[rest], y[rest])
    return table


_table = transfer_table


@also("transfer_table", "makers in a dict, comprehensions, numpy accuracy in chunks")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def scratch(k):
        net = fresh(k)
        return net, [{"params": net.parameters(), "lr": lr}]

    def features(k):
        net = _freeze(copy.deepcopy(source), k)
        head = [m for m in net.modules() if isinstance(m, nn.Linear)][-1]
        return net, [{"params": list(head.parameters()), "lr": lr}]

    def finetune(k):
        net = _freeze(copy.deepcopy(source), k)
        return net, _groups(net, lr * 10)

    def accuracy(net, x, y):
        net.eval()
        hits = 0
        with torch.no_grad():
            for i in range(0, len(y), 64):
                hits += int((net(x[i:i + 64]).argmax(dim=1) == y[i:i + 64]).sum())
        return hits / len(y)

    table, most = {}, max(sizes)
    for name, (x, y) in targets.items():
        labels = np.asarray(y)
        k = 1 + int(labels.max())
        draw = [np.flatnonzero(labels == c)[rng.permutation((labels == c).sum())] for c in range(k)]
        test = np.hstack([d[most:] for d in draw])
        table[name] = {size: {} for size in sizes}
        for size in sizes:
            train = np.hstack([d[:size] for d in draw])
            for way, make in dict(scratch=scratch, features=features, finetune=finetune).items():
                net, groups = make(k)
                fit(net, [{**g, "params": list(g["params"])} for g in groups], (x[train], y[train]), steps)
                table[name][size][way] = accuracy(net, x[test], y[test])
    return table


@also("transfer_table", "way by way in the outer loop, split drawn first; torch indices")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    splits = {}
    for name, (x, y) in targets.items():
        orders = []
        for c in range(int(y.max().item()) + 1):
            mine = torch.nonzero(y == c).squeeze(1)
            orders.append(mine[torch.as_tensor(rng.permutation(len(mine)))])
        splits[name] = orders
    biggest = sorted(sizes)[-1]
    table = {name: {size: {} for size in sizes} for name in targets}
    for way in ("finetune", "features", "scratch"):
        for name, (x, y) in targets.items():
            orders = splits[name]
            test = torch.cat([o[biggest:] for o in orders])
            for size in sizes:
                train = torch.cat([o[:size] for o in orders])
                net = fresh(len(orders)) if way == "scratch" else _freeze(copy.deepcopy(source), len(orders))
                if way == "finetune":
                    groups = _groups(net, 10 * lr)
                else:
                    groups = [dict(params=[p for p in net.parameters() if p.requires_grad], lr=lr)]
                fit(net, groups, (x[train], y[train]), steps)
                table[name][size][way] = _right_share(net, x[test], y[test])
    return table


def _tt(source, fresh, targets, sizes, fit, lr, steps, rng, draw=None, again=False, test_from=None, train_rows=None,
        classes=None, make=None, share=None, steps_of=None, on_train=False, key=lambda t, s: (t, s)):
    """The wrong ones below: the usual program with one or two things otherwise."""
    table = {}
    for name, (x, y) in targets.items():
        k = (classes or (lambda y: int(y.max()) + 1))(y)
        one_order = draw or (lambda y, k: [rng.permutation(np.flatnonzero(y.numpy() == c)) for c in range(k)])
        orders = one_order(y, k)
        table[name] = {}
        for size in sizes:
            if again:
                orders = one_order(y, k)
            rows = np.concatenate([(train_rows or (lambda o, n: o[:n]))(o, size) for o in orders])
            rest = np.concatenate([o[(test_from or (lambda n: max(sizes)))(size):] for o in orders])
            if on_train:
                rest = rows
            table[name][size] = {}
            for way in ("scratch", "features", "finetune"):
                net, groups = make(way, k) if make else _make(source, fresh, lr, way, k)
                fit(net, groups, (x[rows], y[rows]), (steps_of or (lambda n: steps))(size))
                table[name][size][way] = (share or _right_share)(net, x[rest], y[rest])
    return table


def _make(source, fresh, lr, way, k):
    if way == "scratch":
        net = fresh(k)
        return net, [{"params": list(net.parameters()), "lr": lr}]
    net = _freeze(copy.deepcopy(source), k)
    if way == "features":
        return net, [{"params": [p for p in net.parameters() if p.requires_grad], "lr": lr}]
    return net, _groups(net, 10 * lr)


@wrong("transfer_table", "test set is what lies behind the first n: another one for each size", r"test|same|max|size|behind")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, test_from=lambda n: n)


@wrong("transfer_table", "sizes[-1] taken for the largest size: with sizes in another order it tests on training pictures", r"max|largest|last|order|sort|test|sizes|train")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, test_from=lambda n: sizes[-1])


@wrong("transfer_table", "tests on all pictures, the training pictures too", r"test|train|all|behind|leak|overlap|seen")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, test_from=lambda n: 0)


@wrong("transfer_table", "accuracy on the training set", r"test|train|accuracy|held out")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, on_train=True)


@wrong("transfer_table", "a new order is drawn for each size: small sets do not lie in the large ones", r"once|order|drawn|each size|again|permut|same|nest")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, again=True)


@wrong("transfer_table", "no random order: the first pictures of each class as they come", r"rng|random|order|permut|shuffl|drawn")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng,
               draw=lambda y, k: [np.flatnonzero(y.numpy() == c) for c in range(k)])


@wrong("transfer_table", "torch.randperm instead of rng", r"rng|random|torch|generator|same|seed|reproduc")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def draw(y, k):
        orders = []
        for c in range(k):
            mine = torch.nonzero(y == c).ravel()
            orders.append(mine[torch.randperm(len(mine))].numpy())
        return orders
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, draw=draw)


@wrong("transfer_table", "own generator with seed 0 for each target: rng never used", r"rng|random|seed|generator|same")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    return _tt(source, fresh, targets, sizes, fit, lr, steps, np.random.default_rng(0))


@wrong("transfer_table", "n times classes pictures of one common order: classes unequally often", r"class|each|n a class|per class|equal|balanc|number")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    table = {}
    for name, (x, y) in targets.items():
        k = int(y.max()) + 1
        order = rng.permutation(len(y))
        test = order[max(sizes) * k:]
        table[name] = {}
        for size in sizes:
            rows = order[:size * k]
            table[name][size] = {}
            for way in ("scratch", "features", "finetune"):
                net, groups = _make(source, fresh, lr, way, k)
                fit(net, groups, (x[rows], y[rows]), steps)
                table[name][size][way] = _right_share(net, x[test], y[test])
    return table


@wrong("transfer_table", "y.max() classes: the last class is left out", r"class|last|\+ ?1|number|missing|left out|off")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, classes=lambda y: int(y.max()))


@wrong("transfer_table", "one number of classes for all targets, that of the target with most", r"class|target|number|output|each target|own|most")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    most = max(int(y.max()) + 1 for _, y in targets.values())
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng,
               make=lambda way, k: _make(source, fresh, lr, way, most))


@wrong("transfer_table", "percent", r"percent|100|share|0 to 1|between")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, share=lambda n, x, y: 100 * _right_share(n, x, y))


@wrong("transfer_table", "measured in the mode in which fit leaves the net", r"mode|eval|evaluation|train|fit")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def share(net, x, y):
        with torch.no_grad():
            return float((net(x).argmax(1) == y).float().mean())
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, share=share)


@wrong("transfer_table", "evaluation mode set before fit, not after it", r"mode|eval|evaluation|train|fit|after")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def make(way, k):
        net, groups = _make(source, fresh, lr, way, k)
        return net.eval(), groups

    def share(net, x, y):
        with torch.no_grad():
            return float((net(x).argmax(1) == y).float().mean())
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, make=make, share=share)


@wrong("transfer_table", "the source itself is frozen and trained: no copy", r"source|copy|changed|not changed|own|anew")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def make(way, k):
        if way == "scratch":
            return _make(source, fresh, lr, way, k)
        net = _freeze(source, k)
        if way == "features":
            return net, [{"params": [p for p in net.parameters() if p.requires_grad], "lr": lr}]
        return net, _groups(net, 10 * lr)
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, make=make)


@wrong("transfer_table", "fine-tuning goes on with the net that features has trained", r"anew|own|another|copy|features|run|begins|new|twice")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    kept = {}

    def make(way, k):
        if way == "finetune":
            return kept["net"], _groups(kept["net"], 10 * lr)
        net, groups = _make(source, fresh, lr, way, k)
        kept["net"] = net
        return net, groups
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, make=make)


@wrong("transfer_table", "one net for each way and target: the larger sizes go on where the smaller ones stopped", r"anew|own|new net|each|begins|size|again|same net|continu")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    table = {}
    for name, (x, y) in targets.items():
        k = int(y.max()) + 1
        orders = [rng.permutation(np.flatnonzero(y.numpy() == c)) for c in range(k)]
        test = np.concatenate([o[max(sizes):] for o in orders])
        table[name] = {size: {} for size in sizes}
        for way in ("scratch", "features", "finetune"):
            net, groups = _make(source, fresh, lr, way, k)
            for size in sizes:
                rows = np.concatenate([o[:size] for o in orders])
                fit(net, groups, (x[rows], y[rows]), steps)
                table[name][size][way] = _right_share(net, x[test], y[test])
    return table


@wrong("transfer_table", "finetune_groups(net, lr): head at lr / 10, middle at lr / 100", r"rate|lr|10|head|tenth|finetune")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def make(way, k):
        net, groups = _make(source, fresh, lr, way, k)
        if way == "finetune":
            groups = _groups(net, lr)
        return net, groups
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, make=make)


@wrong("transfer_table", "finetune: middle at the head's rate lr too", r"rate|lr|middle|10|tenth|finetune")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def make(way, k):
        net, groups = _make(source, fresh, lr, way, k)
        if way == "finetune":
            for g in groups:
                g["lr"] = lr
        return net, groups
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, make=make)


@wrong("transfer_table", "features: all parameters of an unfrozen copy with a new head are trained", r"features|frozen|freez|head|all|trainable|requires_grad")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def make(way, k):
        if way != "features":
            return _make(source, fresh, lr, way, k)
        net = copy.deepcopy(source)
        net.head = nn.Linear(net.head.in_features, k)
        return net, [{"params": list(net.parameters()), "lr": lr}]
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, make=make)


@wrong("transfer_table", "features: new head on requires_grad_(False), but batch norm is not kept in evaluation mode", r"features|mode|batch norm|train|frozen|freez|statistic|evaluation")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def make(way, k):
        if way != "features":
            return _make(source, fresh, lr, way, k)
        net = copy.deepcopy(source).requires_grad_(False)
        net.head = nn.Linear(net.head.in_features, k)
        return net, [{"params": list(net.head.parameters()), "lr": lr}]
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, make=make)


@wrong("transfer_table", "scratch: only the head of the fresh net learns", r"scratch|all|parameters|head|group")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def make(way, k):
        net, groups = _make(source, fresh, lr, way, k)
        if way == "scratch":
            groups = [{"params": list([m for m in net.modules() if isinstance(m, nn.Linear)][-1].parameters()), "lr": lr}]
        return net, groups
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, make=make)


@wrong("transfer_table", "scratch begins with a copy of the source instead of fresh(classes)", r"scratch|fresh|source|untrained|trained|nothing")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def make(way, k):
        if way != "scratch":
            return _make(source, fresh, lr, way, k)
        net = _freeze(copy.deepcopy(source), k).requires_grad_(True)
        return net, [{"params": list(net.parameters()), "lr": lr}]
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, make=make)


@wrong("transfer_table", "scratch: fresh() without the number of classes, thirty outputs", r"class|fresh|number|output|scratch")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def make(way, k):
        if way != "scratch":
            return _make(source, fresh, lr, way, k)
        net = fresh(30)
        return net, [{"params": list(net.parameters()), "lr": lr}]
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, make=make)


@wrong("transfer_table", "more pictures get more updates: steps times size over the smallest size", r"steps|budget|updates|same|size|more")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, steps_of=lambda n: steps * n // min(sizes))


@wrong("transfer_table", "finetune gets twice: head alone for steps, then both for steps", r"steps|budget|updates|twice|finetune|fit|same|once")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def two(net, groups, train, steps):
        if len(groups) > 1:
            fit(net, groups[:1], train, steps)
        fit(net, groups, train, steps)
    return _tt(source, fresh, targets, sizes, two, lr, steps, rng)


@wrong("transfer_table", "each size draws its n anew out of the first max(sizes), not the first n: small sets do not lie in the large ones", r"first|once|drawn|order|nest|again|n of each|same")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng,
               train_rows=lambda o, n: rng.choice(o[:max(sizes)], n, replace=False))


@wrong("transfer_table", "the order of the keys is table[size][target][way]", r"key|table\[|target|size|order|KeyError")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    table = _table(source, fresh, targets, sizes, fit, lr, steps, rng)
    return {size: {target: table[target][size] for target in targets} for size in sizes}


@wrong("transfer_table", "sizes as text in the keys", r"key|size|int|str|text|KeyError")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    table = _table(source, fresh, targets, sizes, fit, lr, steps, rng)
    return {target: {str(size): ways for size, ways in of.items()} for target, of in table.items()}


@wrong("transfer_table", "two: new order for each way and size, tests behind the first n", r"once|order|drawn|test|max|again|size|same")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    table = {}
    for name, (x, y) in targets.items():
        k = int(y.max()) + 1
        table[name] = {}
        for size in sizes:
            table[name][size] = {}
            for way in ("scratch", "features", "finetune"):
                orders = [rng.permutation(np.flatnonzero(y.numpy() == c)) for c in range(k)]
                rows, test = np.concatenate([o[:size] for o in orders]), np.concatenate([o[size:] for o in orders])
                net, groups = _make(source, fresh, lr, way, k)
                fit(net, groups, (x[rows], y[rows]), steps)
                table[name][size][way] = _right_share(net, x[test], y[test])
    return table


@wrong("transfer_table", "two: finetune at lr / 10, and measured in the mode fit leaves", r"rate|lr|10|mode|eval|evaluation")
def transfer_table(source, fresh, targets, sizes, fit, lr, steps, rng):
    def make(way, k):
        net, groups = _make(source, fresh, lr, way, k)
        return net, _groups(net, lr) if way == "finetune" else groups
    return _tt(source, fresh, targets, sizes, fit, lr, steps, rng, make=make,
               share=lambda net, x, y: float((net(x).argmax(1) == y).float().mean()))


# ================================================================ linear_probe_by_depth
def _pooled(model, layer, batches):
    rows, labels = [], []
    for x, y in batches:
        a = _activation(model, layer, x).double()
        rows.append(a.flatten(2).mean(2) if a.ndim > 2 else a.reshape(len(a), -1))
        labels.append(y)
    return torch.cat(rows).numpy(), torch.cat(labels).numpy()


def _solve(X, Y, ridge):
    """Ridge by least squares on rows with sqrt(ridge) below: the same W, also where XᵀX is singular."""
    D = X.shape[1]
    above = np.vstack([X, np.sqrt(ridge) * np.eye(D)])
    return np.linalg.lstsq(above, np.vstack([Y, np.zeros((D, Y.shape[1]))]), rcond=None)[0]


@right
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    accuracies = {}
    for layer in layers:
        X, y = _pooled(model, layer, loader)
        T, t = _pooled(model, layer, held_out)
        mean, std = X.mean(0), X.std(0)
        std[np.ptp(X, axis=0) == 0] = 1.0
        X, T = (X - mean) / std, (T - mean) / std
        Y = np.eye(int(y.max()) + 1)[y]
        base = Y.mean(0)
        scores = T @ _solve(X, Y - base, ridge) + base
        accuracies[layer] = float((scores.argmax(1) == t).mean())
    return accuracies


_probe = linear_probe_by_depth


@also("linear_probe_by_depth", "torch in float64: normal equations as written, one hot by F.one_hot")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    def read(layer, batches):
        seen = [(_activation(model, layer, x), y) for x, y in batches]
        a = torch.cat([v for v, _ in seen]).double()
        while a.dim() > 2:
            a = a.mean(-1)
        return a, torch.cat([y for _, y in seen]).long()

    result = {}
    for layer in layers:
        (X, y), (T, t) = read(layer, loader), read(layer, held_out)
        m = X.mean(0)
        s = (X - m).pow(2).mean(0).sqrt()
        s = torch.where(X.amax(0) > X.amin(0), s, torch.ones_like(s))
        X, T = (X - m) / s, (T - m) / s
        Y = F.one_hot(y).double()
        A = X.T @ X + ridge * torch.eye(X.shape[1], dtype=X.dtype)
        W = torch.linalg.solve(A, X.T @ (Y - Y.mean(0)))
        result[layer] = ((T @ W + Y.mean(0)).argmax(1) == t).double().mean().item()
    return result


@also("linear_probe_by_depth", "dual form: X'(XX' + ridge)^-1; einsum for the average over places")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    found = dict.fromkeys(layers)
    for layer in found:
        sets = []
        for batches in (loader, held_out):
            rows, labels = [], []
            for x, y in batches:
                a = _activation(model, layer, x).numpy().astype(float)
                if a.ndim > 2:
                    a = a.reshape(a.shape[0], a.shape[1], -1)
                    a = np.einsum("ncp->nc", a) / a.shape[2]
                rows.extend(a)
                labels.extend(y.tolist())
            sets.append((np.array(rows), np.array(labels)))
        (X, y), (T, t) = sets
        centre, spread = X.mean(0), X.std(0)
        varies = X.max(0) != X.min(0)
        X, T = X - centre, T - centre
        X[:, varies] /= spread[varies]
        T[:, varies] /= spread[varies]
        Y = (y[:, None] == np.arange(y.max() + 1)).astype(float)
        alpha = np.linalg.solve(X @ X.T + ridge * np.eye(len(X)), Y - Y.mean(0))
        guess = np.argmax(T @ (X.T @ alpha) + Y.mean(0), axis=1)
        found[layer] = float(np.mean(guess == t))
    return found


def _lp(model, loader, held_out, layers, ridge, pool=_pooled, scale=None, penalty=None, base=True, score=None, target=None):
    """The wrong ones below: the usual program with one or two things otherwise."""
    found = {}
    for layer in layers:
        X, y = pool(model, layer, loader)
        T, t = pool(model, layer, held_out)
        X, T = (scale or _standard)(X, T)
        Y = np.eye(int(y.max()) + 1)[y]
        mean = Y.mean(0) if base else np.zeros(Y.shape[1])
        A = X.T @ X + (penalty or (lambda X, r: r * np.eye(X.shape[1])))(X, ridge)
        W = np.linalg.lstsq(A, X.T @ (Y - mean), rcond=None)[0]
        if score == "train":
            T, t = X, y
        found[layer] = float(((T @ W + mean).argmax(1) == t).mean())
    return found


def _standard(X, T):
    m, s = X.mean(0), X.std(0)
    s = np.where(np.ptp(X, axis=0) == 0, 1, s)
    return (X - m) / s, (T - m) / s


@wrong("linear_probe_by_depth", "features not standardised", r"standard|mean|deviation|scale|std")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, scale=lambda X, T: (X, T))


@wrong("linear_probe_by_depth", "centred only, not divided by the standard deviation", r"standard|deviation|scale|std|divid")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, scale=lambda X, T: (X - X.mean(0), T - X.mean(0)))


@wrong("linear_probe_by_depth", "held-out rows standardised with their own mean and deviation", r"training|held|own|mean|standard|deviation")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, scale=lambda X, T: (_standard(X, X)[0], _standard(T, T)[0]))


@wrong("linear_probe_by_depth", "mean and deviation of training and held-out rows together", r"training|held|together|both|mean|standard|leak|deviation")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    def scale(X, T):
        both = np.vstack([X, T])
        return _standard(both, X)[1], _standard(both, T)[1]
    return _lp(model, loader, held_out, layers, ridge, scale=scale)


@wrong("linear_probe_by_depth", "one mean and one deviation for all features together", r"each feature|feature|axis|all features|standard|one")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, scale=lambda X, T: ((X - X.mean()) / X.std(), (T - X.mean()) / X.std()))


@wrong("linear_probe_by_depth", "standardises each row (picture) instead of each feature", r"each feature|row|axis|column|picture|standard")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    def rows(A):
        s = A.std(1, keepdims=True)
        return (A - A.mean(1, keepdims=True)) / np.where(s == 0, 1, s)
    return _lp(model, loader, held_out, layers, ridge, scale=lambda X, T: (rows(X), rows(T)))


@wrong("linear_probe_by_depth", "a feature that does not vary is divided by 0: nan everywhere", r"vary|constant|0|nan|zero|divi|dead")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    found = {}
    for layer in layers:
        X, y = _pooled(model, layer, loader)
        T, t = _pooled(model, layer, held_out)
        with np.errstate(all="ignore"):
            m, s = X.mean(0), X.std(0)
            X, T = (X - m) / s, (T - m) / s
            Y = np.eye(int(y.max()) + 1)[y]
            W = np.linalg.inv(X.T @ X + ridge * np.eye(X.shape[1])) @ X.T @ (Y - Y.mean(0))
            found[layer] = float(((T @ W + Y.mean(0)).argmax(1) == t).mean())
    return found


@wrong("linear_probe_by_depth", "ridge multiplied by the number of rows", r"ridge|λ|number of rows|penalty|N\b|multipl|mean")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, penalty=lambda X, r: r * len(X) * np.eye(X.shape[1]))


@wrong("linear_probe_by_depth", "ridge is not read: always 1", r"ridge|λ|penalty|ignor|1")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, 1.0)


@wrong("linear_probe_by_depth", "another default: ridge 1e-3", r"default|ridge|λ|1\.0|penalty")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1e-3):
    return _lp(model, loader, held_out, layers, ridge)


@wrong("linear_probe_by_depth", "ridge added to every entry of X'X, not on the diagonal", r"diagonal|ridge|λ|identity|eye|penalty|every")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, penalty=lambda X, r: r)


@wrong("linear_probe_by_depth", "the mean of the targets is forgotten: no Y - Y-bar, no + Y-bar", r"mean|Ȳ|target|bias|offset|intercept|share")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, base=False)


@wrong("linear_probe_by_depth", "targets centred, but Y-bar not added to the scores: matters where classes are not equally frequent", r"mean|Ȳ|target|bias|offset|intercept|add|frequen|scores")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    found = {}
    for layer in layers:
        X, y = _pooled(model, layer, loader)
        T, t = _pooled(model, layer, held_out)
        X, T = _standard(X, T)
        Y = np.eye(int(y.max()) + 1)[y]
        W = np.linalg.solve(X.T @ X + ridge * np.eye(X.shape[1]), X.T @ (Y - Y.mean(0)))
        found[layer] = float(((T @ W).argmax(1) == t).mean())
    return found


@wrong("linear_probe_by_depth", "a column of ones, penalised like the others, instead of the targets' mean", r"mean|Ȳ|ones|bias|intercept|penal|offset")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    found = {}
    for layer in layers:
        X, y = _pooled(model, layer, loader)
        T, t = _pooled(model, layer, held_out)
        X, T = (np.hstack([A, np.ones((len(A), 1))]) for A in _standard(X, T))
        Y = np.eye(int(y.max()) + 1)[y]
        W = np.linalg.solve(X.T @ X + ridge * np.eye(X.shape[1]), X.T @ Y)
        found[layer] = float(((T @ W).argmax(1) == t).mean())
    return found


@wrong("linear_probe_by_depth", "class numbers as one target, rounded, instead of one-hot targets", r"one-hot|one hot|target|column|class|number|round")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    found = {}
    for layer in layers:
        X, y = _pooled(model, layer, loader)
        T, t = _pooled(model, layer, held_out)
        X, T = _standard(X, T)
        w = np.linalg.solve(X.T @ X + ridge * np.eye(X.shape[1]), X.T @ (y - y.mean()))
        found[layer] = float((np.rint(T @ w + y.mean()) == t).mean())
    return found


def _pool_with(how, get=None):
    def pool(model, layer, batches):
        rows, labels = [], []
        for x, y in batches:
            rows.append(how((get or _activation)(model, layer, x).detach().double()))
            labels.append(y)
        return torch.cat(rows).numpy(), torch.cat(labels).numpy()
    return pool


def _avg(a):
    return a.flatten(2).mean(2) if a.ndim > 2 else a


@wrong("linear_probe_by_depth", "maps flattened, not averaged over the places", r"averag|mean|places|flatten")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, pool=_pool_with(lambda a: a.flatten(1)))


@wrong("linear_probe_by_depth", "largest value over the places instead of the average", r"averag|mean|max|largest|places")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, pool=_pool_with(lambda a: a.flatten(2).amax(2) if a.ndim > 2 else a))


@wrong("linear_probe_by_depth", "averaged over the channels: a feature for each place", r"averag|channel|places|axis|mean")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, pool=_pool_with(lambda a: a.mean(1).flatten(1) if a.ndim > 2 else a))


@wrong("linear_probe_by_depth", "averaged along one direction only: rows of the map remain", r"averag|all places|direction|axis|mean|height|width|places")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, pool=_pool_with(lambda a: a.mean(-1).flatten(1) if a.ndim > 2 else a))


@wrong("linear_probe_by_depth", "features taken in the mode the net is in: a net in training mode moves its statistics", r"mode|eval|evaluation|training|batch norm|dropout|as it was|statistic")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, pool=_pool_with(_avg, functools.partial(_look, evaluate=False)))


@wrong("linear_probe_by_depth", "the net is left in evaluation mode", r"mode|eval|as it was|left|back|train")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    model.eval()
    return _lp(model, loader, held_out, layers, ridge)


@wrong("linear_probe_by_depth", "hooks of all layers stay on the net", r"hook|as it was|left|remove")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, pool=_pool_with(_avg, functools.partial(_look, remove=False)))


@wrong("linear_probe_by_depth", "labels from a first pass, features from later ones: the order differs", r"order|pass|label|belong|match|again")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    def pool(model, layer, batches):
        labels = torch.cat([y for _, y in batches])
        rows = torch.cat([_avg(_activation(model, layer, x).double()) for x, _ in batches])
        return rows.numpy(), labels.numpy()
    return _lp(model, loader, held_out, layers, ridge, pool=pool)


@wrong("linear_probe_by_depth", "accuracy on the training rows", r"held|train|test|accuracy")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, score="train")


@wrong("linear_probe_by_depth", "mean of the batches' accuracies: a smaller last batch weighs too much", r"batch|mean|last|small|weigh|share|size")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    found = {}
    for layer in layers:
        X, y = _pooled(model, layer, loader)
        m, s = X.mean(0), X.std(0)
        s[np.ptp(X, axis=0) == 0] = 1
        X = (X - m) / s
        Y = np.eye(int(y.max()) + 1)[y]
        W = np.linalg.lstsq(X.T @ X + ridge * np.eye(X.shape[1]), X.T @ (Y - Y.mean(0)), rcond=None)[0]
        each = []
        for batch in held_out:
            T, t = _pooled(model, layer, [batch])
            each.append((((T - m) / s @ W + Y.mean(0)).argmax(1) == t).mean())
        found[layer] = float(np.mean(each))
    return found


@wrong("linear_probe_by_depth", "first training batch only", r"batch|first|all|every|training")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    first = [next(iter(loader))]
    return _lp(model, first, held_out, layers, ridge)


@wrong("linear_probe_by_depth", "percent", r"percent|100|share|0 to 1|between")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return {k: 100 * v for k, v in _lp(model, loader, held_out, layers, ridge).items()}


@wrong("linear_probe_by_depth", "a list in the order of layers instead of a dict", r"dict|list|type|key")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return list(_lp(model, loader, held_out, layers, ridge).values())


@wrong("linear_probe_by_depth", "keys without what stands before the last dot", r"key|name|dict|layer|dot")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return {k.split(".")[-1]: v for k, v in _lp(model, loader, held_out, layers, ridge).items()}


@wrong("linear_probe_by_depth", "two: not standardised, Y-bar forgotten", r"standard|mean|Ȳ|target|deviation|scale|intercept")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, scale=lambda X, T: (X, T), base=False)


@wrong("linear_probe_by_depth", "two: own statistics for the held-out rows, ridge times the number of rows", r"training|held|own|ridge|λ|rows|penalty|standard")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    return _lp(model, loader, held_out, layers, ridge, scale=lambda X, T: (_standard(X, X)[0], _standard(T, T)[0]),
               penalty=lambda X, r: r * len(X) * np.eye(X.shape[1]))


@wrong("linear_probe_by_depth", "two: left in evaluation mode, maximum over the places", r"mode|eval|as it was|averag|max|mean|places")
def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
    model.eval()
    return _lp(model, loader, held_out, layers, ridge, pool=_pool_with(lambda a: a.flatten(2).amax(2) if a.ndim > 2 else a))

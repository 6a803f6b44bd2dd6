"""Strangers' programs for notebook 00: written from the learner's notebook only (form: see README.md beside it)."""
import math
import statistics

import numpy as np

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


# ================================================================ standardize
@right
def standardize(x):
    x = np.asarray(x, dtype=np.float64)
    never = x.max(axis=0) == x.min(axis=0)
    spread = np.where(never, 1.0, x.std(axis=0))
    return np.where(never, 0.0, (x - x.mean(axis=0)) / spread)


@also("standardize", "column by column, plain Python, statistics module")
def standardize(x):
    columns = []
    for column in np.array(x, dtype=float).T:
        values = column.tolist()
        if len(set(values)) == 1:
            columns.append([0.0] * len(values))
            continue
        mu = math.fsum(values) / len(values)
        sigma = statistics.pstdev(values)
        columns.append([(v - mu) / sigma for v in values])
    return np.array(columns).T


@also("standardize", "zeros filled by a mask over the columns that change")
def standardize(x):
    z = np.zeros(x.shape, dtype=np.float64)
    moves = (x != x[:1]).any(axis=0)
    part = x[:, moves].astype(np.float64)
    part -= part.mean(axis=0)
    part /= np.sqrt(np.mean(part ** 2, axis=0))
    z[:, moves] = part
    return z


@also("standardize", "np.divide with where= and out=; first row taken off beforehand")
def standardize(x):
    shifted = x.astype(np.float64) - x[0].astype(np.float64)
    centred = shifted - shifted.mean(0, keepdims=True)
    sd = np.sqrt(np.einsum("nd,nd->d", centred, centred) / len(x))
    return np.divide(centred, sd, out=np.zeros_like(centred), where=np.ptp(shifted, axis=0) > 0)


@also("standardize", "float32 stays float32 (computed in float64), early zeros, sum of squares over N")
def standardize(x):
    n, d = x.shape
    kind = x.dtype if np.issubdtype(x.dtype, np.floating) else float
    out = np.empty((n, d), dtype=kind)
    for j, (low, high) in enumerate(zip(x.min(0), x.max(0))):
        if low == high:
            out[:, j] = 0
            continue
        c = x[:, j].astype(np.float64)
        c = c - c.sum() / n
        out[:, j] = c / math.sqrt(c @ c / n)
    return out


@wrong("standardize", "one mean and one deviation for the whole array (no axis)", r"axis|column|whole|each")
def standardize(x):
    sd = x.std()
    if sd == 0:
        return np.zeros(x.shape)
    return (x - x.mean()) / sd


@wrong("standardize", "over rows: axis=1", r"axis|row|column")
def standardize(x):
    mean = x.mean(axis=1, keepdims=True)
    sd = x.std(axis=1, keepdims=True)
    sd[sd == 0] = 1
    return (x - mean) / sd


@wrong("standardize", "ddof=1: divides by N - 1", r"N\s*[-−]\s*1|ddof|1/N|sample|\bN\b")
def standardize(x):
    z = np.zeros(x.shape)
    for j in range(x.shape[1]):
        col = x[:, j].astype(float)
        if col.max() > col.min():
            z[:, j] = (col - col.mean()) / col.std(ddof=1)
    return z


@wrong("standardize", "divides by the variance", r"varian|root|sqrt|σ²|square")
def standardize(x):
    var = x.var(axis=0)
    flat = np.ptp(x, axis=0) == 0
    z = (x - x.mean(axis=0)) / np.where(flat, 1, var)
    z[:, flat] = 0
    return z


@wrong("standardize", "a column that never changes comes out as NaN", r"nan|never changes|constant|zero|0/0|divi")
def standardize(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


@wrong("standardize", "in place on x (float arrays are changed; whole numbers raise)", r"left as|in place|chang|modif|copy")
def standardize(x):
    sd = x.std(axis=0)
    flat = np.ptp(x, axis=0) == 0
    x -= x.mean(axis=0)
    x /= np.where(flat, 1, sd)
    x[:, flat] = 0
    return x


@wrong("standardize", "BatchNorm's form, sqrt(var + 1e-5): columns of small spread keep a deviation below 1",
       r"1e-5|epsilon|ε|small|added|spread|scale")
def standardize(x):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)


@wrong("standardize", "std + 1e-8: a column of spread 1e-8 gets half the deviation (only matters for tiny columns)",
       r"1e-8|epsilon|ε|small|added|tiny|spread|scale")
def standardize(x):
    return (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-8)


@wrong("standardize", "asks std == 0: a column of 0.1s, whose mean rounds, comes out as -1 or 1, not as zeros",
       r"round|never changes|constant|0\.1|zero")
def standardize(x):
    x = x.astype(float)
    mean, std = x.mean(axis=0), x.std(axis=0)
    std[std == 0] = 1
    return (x - mean) / std


@wrong("standardize", "a column that never changes stays as it is (only the others are centred)",
       r"never changes|constant|zero")
def standardize(x):
    z = x.astype(float)
    std = z.std(axis=0)
    for j in range(z.shape[1]):
        if np.ptp(z[:, j]) > 0:
            z[:, j] = (z[:, j] - z[:, j].mean()) / std[j]
    return z


@wrong("standardize", "np.zeros_like(x) for the result: whole numbers stay whole", r"whole|int|float|dtype|round|trunc|cut")
def standardize(x):
    z = np.zeros_like(x)
    for j in range(x.shape[1]):
        c = x[:, j]
        if c.min() != c.max():
            z[:, j] = (c - np.mean(c)) / np.std(c)
    return z


@wrong("standardize", "columns that never change are dropped", r"shape|column|drop|missing|N×D")
def standardize(x):
    keep = np.ptp(x, axis=0) > 0
    x = x[:, keep]
    return (x - x.mean(axis=0)) / x.std(axis=0)


@wrong("standardize", "divides by the range", r"range|deviation|max|min|std|σ")
def standardize(x):
    r = np.ptp(x, axis=0)
    return np.where(r == 0, 0.0, (x - x.mean(axis=0)) / np.where(r == 0, 1, r))


@wrong("standardize", "centres only", r"deviation|divid|σ|std|scale|spread")
def standardize(x):
    z = x - x.mean(axis=0)
    z[:, np.ptp(x, axis=0) == 0] = 0
    return z


@wrong("standardize", "divides by the mean absolute deviation", r"absolute|root|square|σ|std|deviation")
def standardize(x):
    d = x - x.mean(axis=0)
    d[:, np.ptp(x, axis=0) == 0] = 0
    s = np.abs(d).mean(axis=0)
    return d / np.where(s > 0, s, 1)


@wrong("standardize", "mean by // (floor)", r"mean|//|whole|floor|round|int")
def standardize(x):
    mean = x.sum(axis=0) // len(x)
    flat = np.ptp(x, axis=0) == 0
    std = np.sqrt(((x - mean) ** 2).sum(axis=0) / len(x))
    return np.where(flat, 0.0, (x - mean) / np.where(flat | (std == 0), 1, std))


@wrong("standardize", "one constant column makes all columns zeros", r"other|never changes|constant|all|whole|column")
def standardize(x):
    std = x.std(axis=0)
    if (np.ptp(x, axis=0) == 0).any():
        return np.zeros(x.shape)
    return (x - x.mean(axis=0)) / std


@wrong("standardize", "variance as E[x²] - E[x]²: digits cancel when the mean is large",
       r"cancel|large|digit|precis|round|E\[|mean of the squares|accura")
def standardize(x):
    x = x.astype(float)
    mean = x.mean(axis=0)
    var = np.maximum((x * x).mean(axis=0) - mean ** 2, 0)
    flat = (np.ptp(x, axis=0) == 0) | (var == 0)
    return np.where(flat, 0.0, (x - mean) / np.sqrt(np.where(flat, 1, var)))


@wrong("standardize", "the last column is left out of the loop (stays zeros)", r"last|column|zero")
def standardize(x):
    out = np.zeros(x.shape, float)
    for j in range(x.shape[1] - 1):
        if np.ptp(x[:, j]):
            out[:, j] = (x[:, j] - x[:, j].mean()) / x[:, j].std()
    return out


@wrong("standardize", "returns z, mean and deviation", r"tuple|three|array|return|one")
def standardize(x):
    mean, std = x.mean(axis=0), x.std(axis=0)
    flat = np.ptp(x, axis=0) == 0
    z = np.where(flat, 0.0, (x - mean) / np.where(flat, 1, std))
    return z, mean, std


@wrong("standardize", "forgot to return", r"None|return")
def standardize(x):
    z = x.astype(float)
    flat = np.ptp(z, axis=0) == 0
    z -= z.mean(axis=0)
    z /= np.where(flat, 1, z.std(axis=0))
    z[:, flat] = 0


@wrong("standardize", "computes in float32: a column with a large mean (seconds since 1970) loses its digits",
       r"float32|float64|digit|precis|large|round|accura")
def standardize(x):
    x = np.asarray(x, dtype=np.float32)
    flat = np.ptp(x, axis=0) == 0
    std = np.where(flat, 1, x.std(axis=0))
    return np.where(flat, 0, (x - x.mean(axis=0)) / std)


@wrong("standardize", "multiplies by the deviation", r"multipl|divid|deviation|σ|std")
def standardize(x):
    flat = np.ptp(x, axis=0) == 0
    return np.where(flat, 0.0, (x - x.mean(axis=0)) * x.std(axis=0))


@wrong("standardize", "two: ddof=1 and NaN for a column that never changes", r"N\s*[-−]\s*1|ddof|nan|never changes|constant|sample")
def standardize(x):
    return (x - np.mean(x, axis=0)) / np.std(x, axis=0, ddof=1)


@wrong("standardize", "two: over rows and divided by the variance", r"row|axis|varian|column")
def standardize(x):
    v = x.var(axis=1, keepdims=True)
    return (x - x.mean(axis=1, keepdims=True)) / np.where(v == 0, 1, v)


@wrong("standardize", "two: whole numbers come back whole, and a column that never changes comes out as ones",
       r"whole|int|float|dtype|never changes|constant")
def standardize(x):
    flat = np.ptp(x, axis=0) == 0
    z = (x - x.mean(axis=0)) / np.where(flat, 1, x.std(axis=0))
    z[:, flat] = 1
    return z.astype(x.dtype)


# ================================================================ accuracy
@right
def accuracy(scores, y):
    hits = np.count_nonzero(np.argmax(scores, axis=1) == y)
    return hits / len(y)


@also("accuracy", "plain loops, first largest by strict comparison")
def accuracy(scores, y):
    right = 0
    for row, label in zip(scores, y):
        best = 0
        for c in range(1, len(row)):
            if row[c] > row[best]:
                best = c
        right += best == label
    return float(right / len(scores))


@also("accuracy", "numpy's float64 returned, method calls")
def accuracy(scores, y):
    return (scores.argmax(-1) == y.astype(int)).mean()


@also("accuracy", "label's score beats those before strictly, those after at least equally")
def accuracy(scores, y):
    rows, classes = np.arange(len(y)), np.arange(scores.shape[1])
    mine = scores[rows, y][:, None]
    before = classes < y[:, None]
    ok = np.where(before, scores < mine, scores <= mine).all(axis=1)
    return float(np.average(ok))


@also("accuracy", "Python's max with a key over lists, sum of booleans")
def accuracy(scores, y):
    answers = [max(range(len(row)), key=row.__getitem__) for row in scores.tolist()]
    return sum(a == t for a, t in zip(answers, y.tolist())) / len(answers)


@wrong("accuracy", "argmax over the pictures: axis=0, compared with the first C labels", r"axis|row|column|picture|class")
def accuracy(scores, y):
    answers = scores.argmax(axis=0)
    n = min(len(answers), len(y))
    return float(np.mean(answers[:n] == y[:n]))


@wrong("accuracy", "argmax of the flattened array (no axis)", r"axis|whole|each|row|picture")
def accuracy(scores, y):
    return float(np.mean(np.argmax(scores) == y))


@wrong("accuracy", "number of hits, not the share", r"share|divid|number|count|from 0 to 1|mean|\bN\b")
def accuracy(scores, y):
    return float((scores.argmax(axis=1) == y).sum())


@wrong("accuracy", "in per cent", r"per ?cent|100|from 0 to 1|share")
def accuracy(scores, y):
    return float(100 * (scores.argmax(axis=1) == y).mean())


@wrong("accuracy", "right when the label's score is above 0.5", r"threshold|0\.5|compare|largest|probabil")
def accuracy(scores, y):
    return float((scores[np.arange(len(y)), y] > 0.5).mean())


@wrong("accuracy", "every tie at the top counts as right", r"tie|first|equal")
def accuracy(scores, y):
    mine = scores[np.arange(len(y)), y]
    return float(np.mean(mine == scores.max(axis=1)))


@wrong("accuracy", "of tied scores the last is the answer (argsort)", r"tie|first|last|equal")
def accuracy(scores, y):
    return float(np.mean(np.argsort(scores, axis=1, kind="stable")[:, -1] == y))


@wrong("accuracy", "a tie at the top never counts as right, even when the label is the first", r"tie|first|equal|strict")
def accuracy(scores, y):
    good = 0
    for s, c in zip(scores, y):
        good += all(s[c] > s[k] for k in range(len(s)) if k != c)
    return good / len(y)


@wrong("accuracy", "error rate", r"error|wrong|1\s*[-−]|right|opposite")
def accuracy(scores, y):
    return float((scores.argmax(axis=1) != y).mean())


@wrong("accuracy", "labels counted from 1", r"from 0|one|off|1|label|shift")
def accuracy(scores, y):
    return float((scores.argmax(axis=1) + 1 == y).mean())


@wrong("accuracy", "integer division", r"//|whole|integer|int|0\b|share|division")
def accuracy(scores, y):
    return float(np.sum(scores.argmax(axis=1) == y) // len(y))


@wrong("accuracy", "argmin", r"small|min|largest|max")
def accuracy(scores, y):
    return float((scores.argmin(axis=1) == y).mean())


@wrong("accuracy", "divided by the number of classes", r"class|\bC\b|\bN\b|divid|number of pictures")
def accuracy(scores, y):
    return float(np.sum(scores.argmax(axis=1) == y) / scores.shape[1])


@wrong("accuracy", "running maximum begins at 0: a row of negative scores answers class 0", r"negativ|below|0|start|begin")
def accuracy(scores, y):
    correct = 0
    for i in range(len(y)):
        best, answer = 0, 0
        for c in range(scores.shape[1]):
            if scores[i, c] > best:
                best, answer = scores[i, c], c
        if answer == y[i]:
            correct += 1
    return correct / len(y)


@wrong("accuracy", "largest absolute score", r"absolute|negativ|sign|abs")
def accuracy(scores, y):
    return float((np.abs(scores).argmax(axis=1) == y).mean())


@wrong("accuracy", "column of answers against row of labels: N×N comparisons", r"shape|broadcast|N×N|keepdims|own|pair|each")
def accuracy(scores, y):
    return float((scores.argmax(axis=1).reshape(-1, 1) == y).mean())


@wrong("accuracy", "last picture left out of the count", r"last|all|every|\bN\b|range|picture")
def accuracy(scores, y):
    hits = 0
    for i in range(len(y) - 1):
        hits += int(np.argmax(scores[i]) == y[i])
    return hits / len(y)


@wrong("accuracy", "naive softmax first: exp overflows for large scores, NaN wins the argmax", r"overflow|exp|large|softmax|nan|inf")
def accuracy(scores, y):
    with np.errstate(all="ignore"):
        e = np.exp(scores)
        p = e / e.sum(axis=1, keepdims=True)
    return float((p.argmax(axis=1) == y).mean())


@wrong("accuracy", "rounded to two digits", r"round|digit")
def accuracy(scores, y):
    return round(float((scores.argmax(axis=1) == y).mean()), 2)


@wrong("accuracy", "mean over the classes of each class's accuracy (balanced)", r"class|balanced|weigh|picture|each")
def accuracy(scores, y):
    answers = scores.argmax(axis=1)
    return float(np.mean([np.mean(answers[y == c] == c) for c in np.unique(y)]))


@wrong("accuracy", "array of hits instead of one number", r"float|number|array|mean|one")
def accuracy(scores, y):
    return (scores.argmax(axis=1) == y).astype(float)


@wrong("accuracy", "two: ties to the last and in per cent", r"tie|last|first|per ?cent|100|from 0 to 1")
def accuracy(scores, y):
    C = scores.shape[1]
    answer = C - 1 - scores[:, ::-1].argmax(axis=1)
    return float((answer == y).mean() * 100)


@wrong("accuracy", "two: starts the search at class 1 (class 0 never answers) and counts hits only", r"class|0|first|share|count|divid|number")
def accuracy(scores, y):
    return int(np.sum(scores[:, 1:].argmax(axis=1) + 1 == y))


@wrong("accuracy", "two: threshold 0.5 on the largest score besides the argmax, and error rate", r"threshold|0\.5|error|wrong|opposite")
def accuracy(scores, y):
    ok = (scores.argmax(axis=1) == y) & (scores.max(axis=1) > 0.5)
    return float(1 - ok.mean())


@wrong("accuracy", "argmax right, but a row whose largest score is not positive is no answer", r"negativ|threshold|positiv|compare|0")
def accuracy(scores, y):
    ok = (scores.argmax(axis=1) == y) & (scores.max(axis=1) > 0)
    return float(ok.mean())

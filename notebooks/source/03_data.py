# %% [markdown]
# # 03 · Data: preprocessing and augmentation
#
# After this you can
#
# - **split** data so that a test stays a test, and **centre** pictures by statistics that never saw it,
# - **write** the random crops, mirror images and sizes that AlexNet, VGG and ResNet were trained on,
# - **average** a net's predictions over many views of a picture, and say what that gains.
#
# Estimated 105 minutes, in two sittings of 60 and 45. Builds on numpy and on 02 (what large inputs do to a unit); the net
# that you need is trained already and comes with the course.

# %% name="imports"
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autograder import ask, check, hint, solution
from course_utils import datasets, devices, plots, training
from course_utils.explorers.data import augmentation_explorer
from course_utils.images import resize, sample_at
from course_utils.predictions import compare, drawn, predict
from course_utils.shipped import trained_small_shapes_net

# %% [markdown]
# Stuck on an exercise? `hint("split")` in a cell of your own gives a nudge; ask again and
# you get a bigger one.

# %% [markdown]
# ## Three questions about 01 and 02

# %% name="show_q03_slopes"
ask("q03_slopes")

# %% name="q03_slopes"
q03_slopes = ...

# %% nbgrader={"grade_id": "check_q03_slopes", "locked": true}
from autograder import check

check("q03_slopes")

# %% name="show_q03_dead"
ask("q03_dead")

# %% name="q03_dead"
q03_dead = ...

# %% nbgrader={"grade_id": "check_q03_dead", "locked": true}
from autograder import check

check("q03_dead")

# %% name="show_q03_shifted_inputs"
ask("q03_shifted_inputs")

# %% name="q03_shifted_inputs"
q03_shifted_inputs = ...

# %% nbgrader={"grade_id": "check_q03_shifted_inputs", "locked": true}
from autograder import check

check("q03_shifted_inputs")

# %% [markdown]
# ## A hundred examples
#
# Below, a small net learns to read digits from 100 examples. What differs between the runs is what
# happens to a picture on its way into the net: nothing; it is moved a little, another way each time
# (turned, resized, shifted by half a pixel); or it is mirrored half of the time.
#
# **Predict.** The net that sees the pictures as they are gets about nine in ten of the test digits
# right. By how many percentage points does moving them change that? And mirroring?

# %% name="predict_moved"
predict("moved", ..., between=(-100, 100))

# %% name="predict_mirrored"
predict("mirrored", ..., between=(-100, 100))


# %% tags=["experiment"] name="hundred_digits"
torch.set_num_threads(1)  # these nets are too small for a second thread to help
device = devices.announce("cpu")
digits = datasets.digits()
RUNS = 1 if training.quick() else 3


def move(x, generator):
    """Each picture N×1×8×8 turned by up to 10°, resized by up to 10 %, moved by up to 0.6 pixels."""
    chance = 2 * torch.rand(len(x), 4, generator=generator) - 1
    turn, grown = torch.deg2rad(10 * chance[:, 0]), 1 + 0.1 * chance[:, 1]
    c, s = torch.cos(turn) * grown, torch.sin(turn) * grown
    shift = 0.6 * chance[:, 2:] / 4
    back = torch.stack([c, -s, shift[:, 0], s, c, shift[:, 1]], 1).reshape(-1, 2, 3)
    grid = F.affine_grid(back, x.shape, align_corners=False)
    return F.grid_sample(x, grid, align_corners=False)


def mirror(x, generator):
    chosen = torch.rand(len(x), generator=generator) < 0.5
    return torch.where(chosen[:, None, None, None], x.flip(3), x)


def read_digits(augment, examples=100):
    def run(seed):
        rows = np.random.default_rng(seed).choice(len(digits.train_x), examples, replace=False)
        with training.seeded(seed):
            net = nn.Sequential(
                nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 10),
            )
        training.fit(
            net, (digits.train_x[rows], digits.train_y[rows]), None,
            lambda p: torch.optim.Adam(p, lr=3e-3), epochs=5 if training.quick() else 60,
            batch_size=10, seed=seed, augment=augment, progress=False,
        )
        return 100 * training.evaluate(net, digits.test)[1]

    return training.seeds(run, RUNS)


scores = {
    "as they are": read_digits(None),
    "moved": read_digits(move),
    "mirrored": read_digits(mirror),
}
plots.show(plots.bars_with_range(scores, "test digits that are right (%)",
                                 "100 training examples, 60 epochs", accent="moved"))
plain = scores["as they are"].middle
compare("moved", scores["moved"].middle - plain, "points")
compare("mirrored", scores["mirrored"].middle - plain, "points")

### BEGIN CLAIMS
medians = {name: spread.middle for name, spread in scores.items()}
assert 85 < medians["as they are"] < 93, "about 89 % as they are"
assert -0.5 < medians["moved"] - medians["as they are"] < 4, "moved: a point or two more"
assert 2 < medians["as they are"] - medians["mirrored"] < 11, "mirrored: some six points fewer"
### END CLAIMS

# %% [markdown]
# The net reads about 89 % of the digits as they are, a point or two more when it trained on moved ones,
# and some six points fewer when it trained on mirrored ones. Where pictures differ more, more is gained: on the course's drawn shapes a net of three
# convolutions gets 0.65 to 0.67 from 300 pictures, and 0.80 to 0.92 when they are mirrored, shifted and
# recoloured (`benchmarks/colour_shapes.py`, three seeds).
#
# A digit that has moved is the same digit; a mirrored 2 is nobody's 2. That is the whole idea, and
# the whole danger: **an augmentation is a claim that the label does not change.** Each claim that is
# true is knowledge that the net need not find in the data.
#
# ## First of all: split
#
# What the test set is for is forgotten faster than anything else: it answers once, at the end. So it
# is put aside before anything is computed. Three things go wrong: an example lands in two parts; the
# data were sorted and nobody shuffled; a rare class is missing in one part. *Stratified* means that
# each part has each class in the proportion of the whole.
#
# ### Exercise: split
#
# *12 minutes · difficulty 2 of 3 · builds on numpy's Generator*

# %% nbgrader={"grade_id": "split", "solution": true}
def split(n, fractions, rng, labels=None):
    """Indices of n examples, shared out at random among parts.

    Parameters
    ----------
    n : number of examples
    fractions : list of positive numbers that add up to 1, one for each part, such as
        [0.8, 0.1, 0.1]
    rng : numpy Generator; the only source of chance
    labels : None, or an array of n class indices; then each class is shared out in these
        proportions

    Returns
    -------
    parts : list of integer arrays. Each of the indices 0 .. n-1 is in exactly one. The size of a
        part is its fraction of n (with labels: its share of each class is its fraction of that
        class), rounded up or down, and exactly that where it is whole; order within a part is free
    """
    ### BEGIN SOLUTION
    groups = [np.arange(n)]
    if labels is not None:
        groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    inner = np.cumsum(fractions)[:-1]
    cuts = [np.floor(inner * len(g) + 0.5 + 1e-9).astype(int) for g in groups]
    pieces = [np.split(rng.permutation(g), cut) for g, cut in zip(groups, cuts, strict=True)]
    return [np.concatenate([p[part] for p in pieces]) for part in range(len(fractions))]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_split", "grade": true}
from autograder import check

check("split")

# %% [markdown]
# ## Centre the pictures
#
# Pixels run from 0 to 255, all of one sign. You have just answered what that does to the gradients of
# a unit's weights. It also makes the loss steep: when inputs lie far from 0, a small change of a
# weight moves every output a lot.
#
# **Predict.** A linear classifier separates two clouds around the origin. Now both clouds, and its
# line with them, are moved 20 standard deviations away, so that it is exactly as good as before. Its
# weights are changed by 5 %, at random. How large is the loss, if it is about 0.12 for the centred
# clouds?

# %% name="predict_steep"
predict("loss at 20", ..., between=(0, None))


# %% tags=["experiment"] name="steepness"
def loss_when_weights_change(shift, seed, relative=0.05, draws=300):
    """Mean logistic loss when the weights of a good line are changed by 5 %, at random."""
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(400) < 0.5, 1.0, -1.0)
    x = rng.normal(size=(400, 2)) + 1.2 * y[:, None] + shift
    w = np.array([1.7, 1.7])
    b = -shift * w.sum()  # the line moves along with the data
    losses = []
    for _ in range(draws):
        changed = w + relative * np.linalg.norm(w) * rng.normal(size=2)
        losses.append(np.logaddexp(0, -y * (x @ changed + b)).mean())
    return float(np.mean(losses))


shifts = [0, 2, 5, 10, 20]
steep = training.seeds(lambda s: [loss_when_weights_change(d, s) for d in shifts], 5)
plots.show(drawn("loss at 20",
    plots.lines({"weights changed by 5 %": steep},
                "distance of the data from 0 (standard deviations)",
                "mean loss (nats)", "The same classifier, moved with its data",
                x=shifts)))
print(f"at 0: {steep.low[0]:.3f} to {steep.high[0]:.3f}; "
      f"at 20: {steep.low[-1]:.3f} to {steep.high[-1]:.3f}")
compare("loss at 20", float(steep.middle[-1]), "nats")

### BEGIN CLAIMS
assert 0.09 < steep.low[0] and steep.high[0] < 0.16, "about 0.12 at the centre"
assert 3 < steep.middle[-1] / steep.middle[0] < 5.5, "four times that at a distance of 20"
### END CLAIMS

# %% [markdown]
# About 0.12 at the centre, and four times that at a distance of 20. The classifier is the
# same, but the loss has become steep in its weights, and the offset $b$ would have to follow each
# change of $w$. Gradient descent on such a loss needs a small step, and then it is slow in every other
# direction.
#
# Three nets, three ways to centre:
#
# | mode | what is subtracted | shape for 32×32 pictures | then divided by |
# |---|---|---|---|
# | `mean_image` (AlexNet) | the mean picture of the training set | 32×32×3 | nothing |
# | `channel_mean` (VGG) | the mean colour of the training set | 3 | nothing |
# | `channel_mean_std` (ResNet, as torchvision trains it) | the mean colour | 3 | each channel's standard deviation, 3 |
#
# The statistics are part of the model: they are computed **once, from the training set**, and a test
# picture gets the same ones. And beware of the type:

# %% name="show_q03_wraps"
ask("q03_wraps")

# %% name="q03_wraps"
q03_wraps = ...

# %% nbgrader={"grade_id": "check_q03_wraps", "locked": true}
from autograder import check

check("q03_wraps")

# %% [markdown]
# ### Exercise: preprocess
#
# *14 minutes · difficulty 2 · builds on split*

# %% nbgrader={"grade_id": "preprocess", "solution": true}
def preprocess(X_train, X_test, mode):
    """Centred training and test pictures, and the statistics that centred them.

    Parameters
    ----------
    X_train, X_test : arrays N×H×W×C of uint8 or floats, of different N; no channel is constant
    mode : "mean_image", "channel_mean" or "channel_mean_std"

    Returns
    -------
    train, test : float64 arrays of the shapes of X_train and X_test, in the units that came in
        (divided by a standard deviation in the third mode)
    statistics : dict with "mean", of shape H×W×C or C, and for "channel_mean_std" also "std", of
        shape C (the root of the mean squared deviation); of float64, from X_train alone

    Sources: Krizhevsky 2012 (mean image), Simonyan and Zisserman 2014 (mean colour).
    """
    ### BEGIN SOLUTION
    axes = 0 if mode == "mean_image" else (0, 1, 2)
    statistics = {"mean": X_train.mean(axes, dtype=np.float64)}
    train, test = X_train - statistics["mean"], X_test - statistics["mean"]
    if mode == "channel_mean_std":
        statistics["std"] = X_train.std(axes, dtype=np.float64)
        train, test = train / statistics["std"], test / statistics["std"]
    return train, test, statistics
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_preprocess", "grade": true}
from autograder import check

check("preprocess")

# %% [markdown]
# ## Explore: one picture, sixteen chances
#
# Slide, and look at the sheet of sixteen draws.
#
# 1. Up to which turn would you still say what it is? A net should learn no more than that.
# 2. Which of the sliders would spoil digits? Which road signs? Which photographs of skin, where the
#    colour is the diagnosis?
# 3. Set the lens slider to −0.4 and to 0.4. Which of the two have you seen in photographs?

# %% tags=["experiment"] name="explorer"
augmentation_explorer()

# %% [markdown]
# ## Crops and mirror images
#
# The oldest augmentation that still pays. Pad the picture with `pad` zeros on each side, cut a piece
# of `size`×`size` somewhere, mirror it half of the time. With pad 4 and size 32, a CIFAR-10 picture
# has 9 · 9 · 2 = 162 versions.
#
# ### Exercise: random crop and mirror image
#
# *12 minutes · difficulty 2*

# %% nbgrader={"grade_id": "random_crop_flip", "solution": true}
def random_crop_flip(x, size, pad, rng):
    """A random piece of a padded picture, mirrored left to right half of the time.

    Parameters
    ----------
    x : array H×W×C of any dtype; it is not changed
    size : height and width of the piece, at most H + 2·pad and W + 2·pad
    pad : how many zeros are put on each of the four sides
    rng : numpy Generator; the only source of chance

    Returns
    -------
    piece : array size×size×C of the dtype of x. Every place is equally likely, rows and columns
        are drawn separately

    Source: He 2015 (CIFAR-10, pad 4); Krizhevsky 2012 without padding.
    """
    ### BEGIN SOLUTION
    padded = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
    row = rng.integers(padded.shape[0] - size + 1)
    column = rng.integers(padded.shape[1] - size + 1)
    piece = padded[row : row + size, column : column + size]
    return piece[:, :: rng.choice([1, -1])]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_random_crop_flip", "grade": true}
from autograder import check

check("random_crop_flip")

# %% [markdown] name="break"
# *A good place for a break: the second sitting begins here. If the kernel has been stopped when you
# come back, run all cells above first.*

# %% [markdown]
# ## Another size each time
#
# An object is near or far. *Scale jitter*: draw a length S, resize the picture so that its **shorter
# side** becomes S, with its proportions kept, then cut a random piece. ResNet drew S from 256 to 480
# and cut 224. (Writing it is an extra at the end.)
#
# ## Testing: ask more than once
#
# A net that was trained on random pieces may be asked about several pieces of a test picture, and
# the answers averaged. AlexNet: four corners, the middle, and the mirror image of each, **ten crops**.
# For its best results ResNet averaged over **five scales**: the shorter side 224, 256, 384, 480, 640.
# (Do not mix the two up. In the paper, ten crops at one scale is one
# protocol; at the five scales the net ran fully convolutionally, sliding over the whole picture. Ten
# crops at each of five scales is the same idea in the form that any net can do.)
#
# ### Exercise: ten crops
#
# *8 minutes · difficulty 1*

# %% nbgrader={"grade_id": "ten_crop", "solution": true}
def ten_crop(img, size):
    """Four corners and the middle of a picture, and their mirror images.

    Parameters
    ----------
    img : array H×W×C, H and W at least size; it is not changed
    size : height and width of each crop

    Returns
    -------
    crops : array 10×size×size×C of the dtype of img: upper left, upper right, lower left, lower
        right, middle (its offsets (H - size)/2 and (W - size)/2 rounded down), then the
        left-to-right mirror images of these five in the same order

    Source: Krizhevsky 2012.
    """
    ### BEGIN SOLUTION
    down, right = img.shape[0] - size, img.shape[1] - size
    starts = [(0, 0), (0, right), (down, 0), (down, right), (down // 2, right // 2)]
    five = np.stack([img[r : r + size, c : c + size] for r, c in starts])
    return np.concatenate([five, five[:, :, ::-1]])
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_ten_crop", "grade": true}
from autograder import check

check("ten_crop")

# %% name="show_q03_views"
ask("q03_views")

# %% name="q03_views"
q03_views = ...

# %% nbgrader={"grade_id": "check_q03_views", "locked": true}
from autograder import check

check("q03_views")

# %% [markdown]
# So the fifty views of a square picture are 42 different ones, and at the smallest scale two views
# weigh five times as much as the others.
#
# ### Exercise: one prediction from many views
#
# *14 minutes · difficulty 3 · builds on ten_crop*

# %% nbgrader={"grade_id": "multi_crop_predict", "solution": true}
def multi_crop_predict(model, img, scales=(224, 256, 384, 480, 640), size=224):
    """Class probabilities of a picture, averaged over ten crops at each of several scales.

    Parameters
    ----------
    model : torch module, float32 N×C×H×W → logits N×K. It is asked in evaluation mode, without
        recording gradients, and is afterwards in the mode in which it came
    img : float32 array H×W×C
    scales : for each of these whole numbers the picture is resized so that its shorter side has
        this length and its proportions are kept (the longer side is rounded)
    size : of the ten crops

    Returns
    -------
    probabilities : array or tensor K, the mean of the views' softmax probabilities; every view
        counts once, also where two are the same

    Uses your ten_crop, and resize.
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    found = []
    for scale in scales:
        height, width = (round(n * scale / min(img.shape[:2])) for n in img.shape[:2])
        views = torch.tensor(ten_crop(resize(img, height, width), size))
        with torch.no_grad():
            found.append(model(views.permute(0, 3, 1, 2)).softmax(1))
    model.train(was_training)
    return torch.cat(found).mean(0).numpy()
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_multi_crop_predict", "grade": true}
from autograder import check

check("multi_crop_predict")

# %% [markdown]
# ## Measure: 1, 10 and 50 views
#
# The course ships a small net (24 thousand parameters, `data/README.md`). It was trained on crops of
# 28×28 from the course's drawn shapes of 32×32, mirrored half of the time, **at one size**. Pictures
# that it has never seen are shown to it as one view (the middle), as ten crops at their own size, as
# fifty views over the paper's range of scales (28, 32, 48, 60, 80 stand to 28 as 224 to 640 stand to
# 224), and as fifty views at scales close to the one that it knows.
#
# **Predict.** One view is right in about 75 % of the pictures. In how many per cent are ten views, and
# fifty over the wide range?

# %% name="predict_ten_views"
predict("ten views", ..., between=(0, 100))

# %% name="predict_fifty_views"
predict("fifty views, wide", ..., between=(0, 100))


# %% tags=["experiment"] name="views"
def views(x, scale, size=28):
    """The ten crops of all pictures N×3×32×32 at one scale, as a list of ten batches."""
    x = F.interpolate(x, (scale, scale), mode="bilinear", antialias=True)
    room = scale - size
    starts = [(0, 0), (0, room), (room, 0), (room, room), (room // 2, room // 2)]
    five = [x[:, :, r : r + size, c : c + size] for r, c in starts]
    return five + [view.flip(3) for view in five]


@torch.no_grad()
def mean_probability(net, batches):
    return torch.stack([net(batch).softmax(1) for batch in batches]).mean(0)


def right_with_views(seed):
    net = trained_small_shapes_net()
    x, y = datasets.colour_shapes(40 if training.quick() else 150, seed=500 + seed, difficulty=0.5)
    x, y = torch.tensor(datasets.to_nchw(x)), torch.tensor(y)
    wide, near = (28, 32, 48, 60, 80), (28, 30, 32, 34, 36)
    at = {s: mean_probability(net, views(x, s)) for s in sorted({*wide, *near})}
    answers = {
        "1 view": mean_probability(net, views(x, 32)[4:5]),
        "10 views, one scale": at[32],
        "50 views, 28 to 80": sum(at[s] for s in wide) / 5,
        "50 views, 28 to 36": sum(at[s] for s in near) / 5,
    }
    return {name: 100 * float((p.argmax(1) == y).float().mean()) for name, p in answers.items()}


by_views = training.seeds(right_with_views, RUNS)
plots.show(drawn("ten views",
    plots.bars_with_range(by_views, "pictures that are right (%)",
                          "One net, asked once or often (150 pictures a seed)",
                          accent="10 views, one scale")))
compare("ten views", by_views["10 views, one scale"].middle, "%")
compare("fifty views, wide", by_views["50 views, 28 to 80"].middle, "%")

### BEGIN CLAIMS
right_in = {name: spread.middle for name, spread in by_views.items()}
assert right_in["10 views, one scale"] > right_in["1 view"], "ten views are right more often than one"
assert by_views["50 views, 28 to 80"].high < by_views["1 view"].low, "fifty over the wide range: worse"
assert right_in["50 views, 28 to 36"] < right_in["1 view"] + 4, "around the known size: no better"
### END CLAIMS

# %% [markdown]
# Ten views at the same size are right somewhat more often than one. Fifty views over the wide range are
# WORSE than one. At 48, 60 and 80 pixels this net is right in about one picture in five, since it has
# never met an object of that size; fifty views around the size that it knows are no better than one.
# More views help a net that was trained on such views. The five scales of the
# paper belong to nets that were trained with scale jitter: the two are one idea.
#
# ## Data sets and their cards
#
# Before you use a data set, know what is in it, who labelled it, and what its score means.
#
# | | MNIST | CIFAR-10 | CIFAR-100 | ImageNet | ILSVRC 2012 |
# |---|---|---|---|---|---|
# | by | LeCun, Cortes, Burges 1998 | Krizhevsky 2009 | Krizhevsky 2009 | Deng 2009 | Russakovsky 2014 |
# | pictures | 60,000 + 10,000 test | 50,000 + 10,000 | 50,000 + 10,000 | about 14 million | 1.28 million + 50,000 validation + 100,000 test |
# | classes | 10 | 10 | 100 (in 20 groups) | about 22,000 nouns of WordNet | 1,000 of these |
# | size | 28×28 grey | 32×32 colour | 32×32 colour | any; often some 400×350 | any |
# | mirror images? | no | yes | yes | nearly always | nearly always |
# | mind | two sources of writers; nearly solved | 6,000 a class | 600 a class: regularise | the whole is seldom used | what "ImageNet accuracy" means; test labels are not public, so papers report validation |
#
# 256×256 is not the size of ImageNet's pictures; it is how AlexNet prepared them: shorter side 256,
# then the middle.
#
# ## What to remember
#
# - Split first. Statistics come from the training part, and travel with the model.
# - An augmentation is a claim about labels. Mirror cars, not digits.
# - Leave uint8 before you subtract. `rng.integers` leaves out its upper end.
# - At test time: evaluation mode, and the mean of probabilities, not of labels or logits.
# - More views help while they look like what the net was trained on.
#
# ## A question for your teacher
#
# A colleague has 3,000 skin photographs of 400 patients. She subtracts the mean colour of all 3,000,
# augments each photograph ten times (turns, mirror images, strong colour jitter), shuffles the 30,000
# results, splits them 80/20 and reports 97 % on the smaller part. Name, in seven sentences at most,
# everything that makes this number too high, and the order in which you would do it.

# %% [markdown] nbgrader={"grade_id": "explain_leaky_split", "grade": true, "solution": true, "points": 3}
# Versions of one photograph are on both sides of the split, so the net is asked about pictures that
# it has learned by heart (1 point). Photographs of one patient are on both sides too, and the mean
# colour was computed from the test pictures as well, so the split must come first, and by patient
# (1 point). The right order is: split the patients, compute the mean from the training part, augment
# the training part only, anew each epoch, and test on photographs as they are, or on averaged views.
# Strong colour jitter is doubtful besides, since in skin the colour is part of the label (1 point).

# %% [markdown]
# ## Then and now
#
# | then (TensorFlow 1, Keras, Caffe) | now (torch) | mind |
# |---|---|---|
# | `tf.image.random_flip_left_right(img)` | `v2.RandomHorizontalFlip()` | H×W×C there, C×H×W here |
# | `tf.random_crop(img, [32, 32, 3])` after `tf.pad` | `v2.RandomCrop(32, padding=4)` | |
# | `tf.image.random_contrast(img, 0.6, 1.4)` | `v2.ColorJitter(contrast=0.4)` | the first about each channel's mean, the second about the mean of the grey picture |
# | `tf.image.per_image_standardization(img)` | `v2.Normalize(mean, std)` | the first by each picture's own statistics, the second by the training set's |
# | `ImageDataGenerator(rotation_range=20)` | `v2.RandomAffine(degrees=20)` | both draw from −20 to 20 |
# | Caffe `mean_file: "mean.binaryproto"`, `crop_size: 227`, `mirror: true` | `v2.Compose([...])` | Caffe's channels were blue, green, red, from 0 to 255 |
#
# `v2` is `torchvision.transforms.v2`. Where a torchvision built for GPUs stands beside a torch for
# CPUs, its import fails. After `from course_utils.vision import import_torchvision` and
# `import_torchvision()`, `from torchvision.transforms import v2` works there, too.
#
# ## What has changed since
#
# Policies of augmentation were learned for a while; then two numbers did as well (RandAugment, Cubuk
# 2019: how many operations, how strong), then none (TrivialAugment, Müller 2021: one operation at
# random strength). Pictures are now mixed with one another, labels too: mixup (Zhang 2017) blends two,
# CutMix (Yun 2019) pastes a piece of one into the other; random erasing (Zhong 2017) blanks a piece.
# FixRes (Touvron 2019) showed the hidden half of scale jitter: random crops make objects look larger
# in training than in testing, so a net gains from testing at a higher resolution, or from being tuned
# to it. AlexNet's colour shift along the main axes is history.

# %% [markdown]
# # Go further
#
# All of this is extra: the same checks and hints, no points.
#
# ### Whitening
#
# *14 minutes · difficulty 3 · builds on preprocess*
#
# Centring takes out the mean; whitening takes out correlation and scale as well. Let $C$ be the
# covariance of the centred rows (their mean of products, over N), with eigenvalues
# $\lambda_1 \ge \lambda_2 \ge \dots$ and eigenvectors as columns of $V$. Then
#
# $$X_{\text{white}} = (X - \bar x)\, V \,\operatorname{diag}\!\left(\frac{1}{\sqrt{\lambda_k + \varepsilon}}\right)$$
#
# For pictures nobody does it to the whole input any more; you meet it inside nets, in statistics, and
# as the thing that batch norm (06) does *not* do.

# %% nbgrader={"grade_id": "pca_whiten", "solution": true}
def pca_whiten(X, eps):
    """PCA whitening of the rows of X.

    Parameters
    ----------
    X : float array N×D, N larger than D; it is not changed
    eps : added to each variance (eigenvalue) before the root

    Returns
    -------
    white : array N×D; column k is the centred data along the eigenvector with the k-th largest
        eigenvalue, divided as in the formula. Signs of columns are free
    """
    ### BEGIN SOLUTION
    centred = X - X.mean(0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(X))
    return (centred @ vectors / np.sqrt(values + eps))[:, ::-1]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_pca_whiten", "locked": true}
from autograder import check

check("pca_whiten")

# %% [markdown]
# ### Scale jitter
#
# *14 minutes · difficulty 3 · builds on random_crop_flip*
#
# Another size each time, then a random piece, as above. `resize(img, height, width)` does the
# resizing.

# %% nbgrader={"grade_id": "scale_jitter", "solution": true}
def scale_jitter(img, rng, low=256, high=480, size=224):
    """A random piece of the picture in a random size.

    Parameters
    ----------
    img : float array H×W×C; it is not changed
    rng : numpy Generator; the only source of chance
    low, high : the shorter side becomes a whole number of pixels from low to high, both included,
        all equally likely; the longer side grows by the same factor and is rounded
    size : height and width of the piece that is cut, at most low

    Returns
    -------
    piece : array size×size×C of the dtype of img; every place is equally likely

    Sources: Simonyan and Zisserman 2014, He 2015.
    """
    ### BEGIN SOLUTION
    factor = rng.integers(low, high + 1) / min(img.shape[:2])
    large = resize(img, round(img.shape[0] * factor), round(img.shape[1] * factor))
    row = rng.integers(large.shape[0] - size + 1)
    column = rng.integers(large.shape[1] - size + 1)
    return large[row : row + size, column : column + size]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_scale_jitter", "locked": true}
from autograder import check

check("scale_jitter")

# %% [markdown]
# ### Contrast
#
# *8 minutes · difficulty 2*
#
# $$\text{out} = m + f\,(\text{img} - m), \qquad f \sim U(1-c,\, 1+c)$$
#
# with $m$ the mean of all values of the picture, one factor for the whole picture, cut off at 0 and 1.

# %% nbgrader={"grade_id": "color_jitter", "solution": true}
def color_jitter(img, rng, contrast=0.4):
    """The picture with more contrast, or less.

    Parameters
    ----------
    img : float array H×W×C with values in [0, 1]; it is not changed
    rng : numpy Generator; the only source of chance
    contrast : the factor is drawn uniformly from 1 - contrast to 1 + contrast

    Returns
    -------
    out : array of the shape and dtype of img, cut off at 0 and 1
    """
    ### BEGIN SOLUTION
    factor = rng.uniform(1 - contrast, 1 + contrast)
    mean = img.mean()
    return np.clip(mean + factor * (img - mean), 0, 1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_color_jitter", "locked": true}
from autograder import check

check("color_jitter")

# %% [markdown]
# ### The main axes of colour
#
# *8 minutes · difficulty 2 · builds on the idea of pca_whiten*
#
# AlexNet asked in which direction colours vary most, over all **pixels** of the training set: mostly
# from dark to bright.

# %% nbgrader={"grade_id": "colour_pca", "solution": true}
def colour_pca(images):
    """Eigenvalues and eigenvectors of the covariance of pixel colours.

    Parameters
    ----------
    images : float array N×H×W×3

    Returns
    -------
    eigval : array 3, from the largest to the smallest, of the covariance of all N·H·W pixels
        (divided by their number)
    eigvec : array 3×3, column k belongs to eigval[k]; signs are free
    """
    ### BEGIN SOLUTION
    covariance = np.cov(images.reshape(-1, 3).T, bias=True)
    values, vectors = np.linalg.eigh(covariance)
    return values[::-1], vectors[:, ::-1]
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_colour_pca", "locked": true}
from autograder import check

check("colour_pca")

# %% [markdown]
# ### AlexNet's colour shift
#
# *7 minutes · difficulty 2 · builds on colour_pca*
#
# To every pixel of a picture the same colour is added,
#
# $$\mathbf p_1 \alpha_1\lambda_1 + \mathbf p_2 \alpha_2\lambda_2 + \mathbf p_3 \alpha_3\lambda_3$$
#
# with eigenvectors $\mathbf p_k$ and eigenvalues $\lambda_k$. The three α are drawn once a picture,
# from a normal distribution of mean 0 and standard deviation 0.1. (λ and not √λ: that is what the
# paper says. In units from 0 to 255, λ is 255² times as large, so the same α do far more.) Here α is
# given.

# %% nbgrader={"grade_id": "pca_color", "solution": true}
def pca_color(img, eigval, eigvec, alpha):
    """The picture with its colour shifted along the main axes of colour.

    Parameters
    ----------
    img : float array H×W×3; it is not changed
    eigval : array 3
    eigvec : array 3×3, eigenvectors as columns
    alpha : array 3, what was drawn for this picture

    Returns
    -------
    out : array of the shape and dtype of img, in its units; not cut off

    Source: Krizhevsky 2012, section 4.1.
    """
    ### BEGIN SOLUTION
    return img + eigvec @ (alpha * eigval)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_pca_color", "locked": true}
from autograder import check

check("pca_color")

# %% [markdown]
# ### Turn, shear, stretch and shift
#
# *18 minutes · difficulty 3*
#
# A pixel of the picture at $\mathbf q$ lands at $\mathbf p$ in the result. With both counted from the
# centre, in (x, y), y downwards:
#
# $$\mathbf p = R\,S_h\,S_t\,\mathbf q + \mathbf t \qquad
# R = \begin{pmatrix}\cos\varphi & -\sin\varphi\\ \sin\varphi & \cos\varphi\end{pmatrix}\quad
# S_h = \begin{pmatrix}1 & \tan\kappa\\ 0 & 1\end{pmatrix}\quad
# S_t = \begin{pmatrix}s_x & 0\\ 0 & s_y\end{pmatrix}$$
#
# If you push pixels along this map, some places of the result get two and some get none. So go the
# other way: for each pixel of the result, ask where it comes from. `sample_at(img, x, y)` looks the
# picture up at places between pixels. The label stays as it was, whatever you draw: that is the claim.

# %% nbgrader={"grade_id": "random_affine", "solution": true}
def random_affine(img, rng, degrees, translate, shear, stretch):
    """The picture turned, sheared, stretched and shifted, about its centre.

    Parameters
    ----------
    img : float array H×W×C; it is not changed. Pixel (row i, column j) is at x = j, y = i, the
        centre at ((W - 1)/2, (H - 1)/2)
    rng : numpy Generator; the only source of chance
    degrees : (low, high), φ is drawn uniformly between them, in degrees
    translate : (low, high), in pixels; t_x and t_y are drawn separately
    shear : (low, high), κ, in degrees
    stretch : (low, high); s_x and s_y are drawn separately

    Returns
    -------
    out : float array of the shape of img: what sample_at finds where each pixel comes from, 0
        beyond the picture
    """
    ### BEGIN SOLUTION
    phi, kappa = np.deg2rad(rng.uniform(*degrees)), np.deg2rad(rng.uniform(*shear))
    turn = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    there = turn @ np.array([[1, np.tan(kappa)], [0, 1]]) @ np.diag(rng.uniform(*stretch, size=2))
    back = np.linalg.inv(there)
    right, down = rng.uniform(*translate, size=2)
    height, width = img.shape[:2]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    dx, dy = x - (width - 1) / 2 - right, y - (height - 1) / 2 - down
    from_x = back[0, 0] * dx + back[0, 1] * dy + (width - 1) / 2
    from_y = back[1, 0] * dx + back[1, 1] * dy + (height - 1) / 2
    return sample_at(img, from_x, from_y)
    ### END SOLUTION


# %% nbgrader={"grade_id": "check_random_affine", "locked": true}
from autograder import check

check("random_affine")

# %% [markdown]
# With places to look up, anything that bends can be drawn. In a picture through a lens that is not
# quite straight, what you see at distance $r$ from the centre has come from $r\,(1 + k r^2)$: that is
# the inverse map, from the drawn picture to the one looked up, which is just what you need.

# %% tags=["experiment"] name="lens"
def through_a_lens(img, k):
    """Look up each pixel at r·(1 + k·r²); r is 1 at half the shorter side."""
    height, width = img.shape[:2]
    half = min(height, width) / 2
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    x, y = x - (width - 1) / 2, y - (height - 1) / 2
    factor = 1 + k * (x**2 + y**2) / half**2
    return sample_at(img, x * factor + (width - 1) / 2, y * factor + (height - 1) / 2)


sheet = np.ones((96, 96, 3))
sheet[::12] = sheet[:, ::12] = 0.2
shape, label = datasets.colour_shapes(12, seed=3, difficulty=0.2, size=72)
sheet[12:84, 12:84] *= shape[5] / 255
amounts = [-0.3, -0.1, 0.0, 0.1, 0.3]
plots.show(plots.image_grid(np.stack([through_a_lens(sheet, k) for k in amounts]),
                            [f"k = {k:g}" for k in amounts], columns=5,
                            title="A picture through five lenses"))

# %% [markdown]
# With $k > 0$ the edges are looked up further out, so straight lines bulge: a barrel. Every label is
# still true, and the corners may be lost.
#
# ## Further reading
#
# - Krizhevsky, Sutskever, Hinton 2012, *ImageNet classification with deep convolutional neural
#   networks*, section 4.1: crops, mirror images, colour; the ten crops.
# - Simonyan, Zisserman 2014, *Very deep convolutional networks*, sections 3 and 4: scale jitter and
#   testing at several scales, compared.
# - He, Zhang, Ren, Sun 2015, *Deep residual learning*, section 3.4 and appendix.
# - LeCun, Bottou, Orr, Müller 1998, *Efficient BackProp*, section 4.3: why inputs are centred and
#   decorrelated.
# - Russakovsky and others 2014, *ImageNet large scale visual recognition challenge*.
# - Recht, Roelofs, Schmidt, Shankar 2019, *Do ImageNet classifiers generalize to ImageNet?*: what
#   happens when a test set is made a second time.
# - Gebru and others 2018, *Datasheets for datasets*.

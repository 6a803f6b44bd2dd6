"""The questions of notebook 06: three about earlier notebooks, one about batch norm itself."""

from autograder.exercise import Case, Question, mistake


class q06_init(Question):
    """What depth does to the scale of activations (notebook 04)."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, layers=int(rng.choice([8, 10, 12])), share=0.8)

    def text(self, layers, share):
        return f"""**From notebook 04.** A net has {layers} ReLU layers. He's initialisation keeps
the mean square of the activations the same from layer to layer. Somebody draws all weights with
{share} times He's standard deviation. What happens to the root mean square of the activations
between the input and layer {layers}?

- **a** it is multiplied by {share}
- **b** it is multiplied by {share}^{layers} ≈ {share**layers:.2f}
- **c** it is multiplied by 1 − {layers}·{1 - share:.1f}, so it reaches zero
- **d** nothing, ReLU keeps the scale
"""

    def reference(self, layers, share):
        return {"answer": "b"}

    @mistake
    def once(self, right, **numbers):
        """That is what one layer does. The next layer multiplies again."""
        return {"answer": "a"}

    @mistake
    def added_up(self, right, **numbers):
        """Factors of layers in a row multiply; they do not add up."""
        return {"answer": "c"}

    @mistake
    def relu_restores(self, right, **numbers):
        """ReLU passes positive values on as they are: half the scale in, half the scale out."""
        return {"answer": "d"}


class q06_statistics(Question):
    """Whose statistics normalise test images (notebook 03)."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, test=int(rng.choice([2, 10, 100])))

    def text(self, test):
        return f"""**From notebook 03.** You subtract a mean and divide by a standard deviation
per colour channel. At test time a batch of {test} arrives. Which mean do you subtract?

- **a** that of the new images, since those are the ones you normalise
- **b** that of the training and the new images together
- **c** that of the training images
- **d** none: normalising only helps training
"""

    def reference(self, test):
        return {"answer": "c"}

    @mistake
    def of_the_test_images(self, right, **numbers):
        """Then the answer for one image would depend on which others came along, and one image on
        its own would lose its brightness. Test-mode batch norm has the same problem to solve."""
        return {"answer": "a"}

    @mistake
    def of_all_images(self, right, **numbers):
        """Then test data would shape what is computed from training data: a leak, and a different
        net for every new image."""
        return {"answer": "b"}

    @mistake
    def none_at_all(self, right, **numbers):
        """The net has learned on normalised images. Others are a different input to it."""
        return {"answer": "d"}


class q06_noise(Question):
    """What training and test mode are for (notebook 05)."""

    def cases(self, rng):
        yield Case("answer", 1, keep=float(rng.choice([0.6, 0.7, 0.8])))

    def text(self, keep):
        return f"""**From notebook 05.** Inverted dropout keeps a unit with probability
{keep} and divides by {keep}. What does it do in test mode?

- **a** it multiplies by {keep}
- **b** it drops units as in training, because otherwise the scale would be wrong
- **c** it divides by {keep}
- **d** nothing
"""

    def reference(self, keep):
        return {"answer": "d"}

    @mistake
    def scaled_at_test(self, right, **numbers):
        """That is plain dropout, which leaves the scaling to test time. The inverted kind has done
        it while training."""
        return {"answer": "a"}

    @mistake
    def random_at_test(self, right, **numbers):
        """Then the same image would get a different answer each time. Averaging many such answers
        is Monte-Carlo dropout, which is something else."""
        return {"answer": "b"}

    @mistake
    def still_divides(self, right, **numbers):
        """The division makes up for the units that were dropped, and none are dropped now."""
        return {"answer": "c"}


class q06_border(Question):
    """Batch norm in front of a padded convolution."""

    extra = True

    def cases(self, rng):
        yield Case("answer", 1, size=int(rng.choice([8, 12, 16])))

    def text(self, size):
        inner = (size - 2) ** 2
        return f"""Batch norm stands BEFORE a 3×3 convolution with zero padding 1, on maps of
{size}×{size}. Somebody folds it into the convolution's weight and bias. In test mode, which
outputs agree with those of batch norm followed by the convolution?

- **a** all {size * size}
- **b** only the inner {inner}, because at the border the zeros of the padding now stand for a
  different value
- **c** none, since the bias of every output is off
- **d** only those at the border, because away from it the folded bias is added nine times
"""

    def reference(self, size):
        return {"answer": "b"}

    @mistake
    def all_agree(self, right, **numbers):
        """The padding comes after batch norm: its zeros are not normalised. Folded, the zeros are
        padded before, and would have to be the value that batch norm maps to zero."""
        return {"answer": "a"}

    @mistake
    def none_agree(self, right, **numbers):
        """Where the kernel sees no padding, the pair is one affine map and folds exactly."""
        return {"answer": "c"}

    @mistake
    def border_agrees(self, right, **numbers):
        """It is the other way round: inside all nine inputs are real."""
        return {"answer": "d"}

"""Convolution by Fourier transform. The fast products of matrices and tiles are next door."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, Exercise, mistake, near, raises


def padded(x, pad, mode="constant"):
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode=mode)


def linear(x, w):
    """The full linear convolution, (N, F, H + kh - 1, W + kw - 1), in double precision."""
    size = [x.shape[2] + w.shape[2] - 1, x.shape[3] + w.shape[3] - 1]
    product = np.einsum("nchw,fchw->nfhw", np.fft.fft2(x, size), np.fft.fft2(w, size))
    return np.fft.ifft2(product).real


class conv_fft(Exercise):
    """A convolution layer by Fourier transform: a product in the frequency domain."""

    signature = "conv_fft(x, w, b, pad) -> out"
    growth = {"x": 1, "b": 1}, {"out": 1}
    minutes = 12
    difficulty = 3
    hints = (
        "The product of two transforms is the transform of a circular convolution with the "
        "kernel turned by 180°. Which two things have to be put right?",
        "Transform images and filters with the same size s, large enough that what wraps round "
        "does not reach the outputs you keep. You may sum over channels before you "
        "transform back; then one inverse transform per image and filter is enough.",
        "The conjugate of a real kernel's transform is the transform of the kernel turned round "
        "about its first pixel. Say the size to the inverse transform too.",
    )

    def cases(self, rng):
        for name, points, x, f, kh, kw, pad, dtype in [
            ("an odd width, a 2×3 kernel", 1, (2, 3, 6, 7), 4, 2, 3, 0, "f8"),
            ("padding 1", 1, (3, 2, 5, 8), 4, 3, 2, 1, "f8"),
            ("a kernel as large as the image", 1, (2, 2, 6, 5), 3, 6, 5, 2, "f8"),
            ("padding 2, single precision", 1, (1, 3, 7, 9), 2, 4, 5, 2, "f4"),
        ]:
            yield Case(
                name, points, x=rng.normal(size=x).astype(dtype),
                w=rng.normal(size=(f, x[1], kh, kw)).astype(dtype),
                b=rng.normal(size=f).astype(dtype), pad=pad,
            )  # fmt: skip

    def observe(self, code, x, w, b, pad):
        return {"out": code.conv_fft(x, w, b, pad)}

    def reference(self, x, w, b, pad):
        out = F.conv2d(*(torch.tensor(a, device=self.device) for a in (x, w, b)), padding=pad)
        single = out.dtype == torch.float32
        return {"out": near(out, rtol=1e-4, atol=1e-4 if single else 1e-9)}

    def cut(self, full, x, w, b, pad, start=None):
        """The part of a full convolution that the layer gives out, or as much from `start`."""
        oh = x.shape[2] + 2 * pad - w.shape[2] + 1
        ow = x.shape[3] + 2 * pad - w.shape[3] + 1
        top, left = start or (w.shape[2] - 1, w.shape[3] - 1)
        out = full[:, :, top : top + oh, left : left + ow] + b[:, None, None]
        return {"out": out.astype(x.dtype)}

    @mistake
    def convolution_for_correlation(self, right, x, w, b, pad):
        """This is a true convolution: the kernel is turned round. A layer correlates, so take the
        conjugate of the filters' transform, or turn the filters round first."""
        return self.cut(linear(padded(x, pad), w), x, w, b, pad)

    @mistake
    def images_conjugated(self, right, x, w, b, pad):
        """The conjugate stands on the images instead of the filters: that turns the result round.
        It belongs to the filters."""
        # ifft(conj(X) · W) is the correlation at minus the place, circularly.
        size = [x.shape[2] + 2 * pad, x.shape[3] + 2 * pad]
        X, W = np.fft.fft2(padded(x, pad)), np.fft.fft2(w, size)
        out = np.fft.ifft2(np.einsum("nchw,fchw->nfhw", X.conj(), W)).real
        return self.cut(out, x, w, b, pad, start=(0, 0))

    @mistake
    def images_conjugated_and_channels_averaged(self, right, x, w, b, pad):
        """The conjugate stands on the images instead of the filters, and you take the mean over the
        channels. It belongs to the filters, and the channels' products are added."""
        out = self.images_conjugated(right, x, w, 0 * b, pad)["out"]
        return {"out": out / x.shape[1] + b[:, None, None]}

    @mistake
    def wraps_round(self, right, x, w, b, pad):
        """Where the padding should be, the opposite edge of the image shows: a product of
        transforms is circular. Pad with zeros before you transform."""
        if pad:
            return self.cut(linear(padded(x, pad, "wrap"), w[..., ::-1, ::-1]), x, w, b, pad)

    @mistake
    def cut_from_the_corner(self, right, x, w, b, pad):
        """You take the outputs from the corner of the full convolution. The first of them that
        lie on the image entirely come kernel − 1 rows and columns later."""
        full = linear(padded(x, pad), w[..., ::-1, ::-1])
        return self.cut(full, x, w, b, pad, start=(0, 0))

    @mistake
    def cut_from_the_far_corner(self, right, x, w, b, pad):
        """You keep the last rows and columns. With the conjugate the filter lies on the image as it
        is, so the first outputs are the good ones and those at the end have wrapped round."""
        size = [x.shape[2] + 2 * pad, x.shape[3] + 2 * pad]
        X, W = np.fft.fft2(padded(x, pad)), np.fft.fft2(w, size)
        out = np.fft.ifft2(np.einsum("nchw,fchw->nfhw", X, W.conj())).real
        return self.cut(out, x, w, b, pad, start=(w.shape[2] - 1, w.shape[3] - 1))

    @mistake
    def turned_and_cut_from_the_corner(self, right, x, w, b, pad):
        """Your outputs lie kernel − 1 rows and columns too far down and across, and the first of
        them have wrapped round, as when filters are turned round before the transform and what
        comes back is cut as if they were conjugated."""
        size = [x.shape[2] + 2 * pad, x.shape[3] + 2 * pad]
        X, W = np.fft.fft2(padded(x, pad)), np.fft.fft2(w[..., ::-1, ::-1], size)
        out = np.fft.ifft2(np.einsum("nchw,fchw->nfhw", X, W)).real
        return self.cut(out, x, w, b, pad, start=(0, 0))

    @mistake
    def circular_convolution(self, right, x, w, b, pad):
        """This is the circular convolution that the plain product of transforms gives: the kernel
        lies on the image turned round. The conjugate of the filters' transform turns it back."""
        size = [x.shape[2] + 2 * pad, x.shape[3] + 2 * pad]
        X, W = np.fft.fft2(padded(x, pad)), np.fft.fft2(w, size)
        out = np.fft.ifft2(np.einsum("nchw,fchw->nfhw", X, W)).real
        return self.cut(out, x, w, b, pad, start=(0, 0))

    @mistake
    def cut_too_late(self, right, x, w, b, pad):
        """You cut the outputs kernel − 1 rows and columns too late. With the conjugate the filter
        lies on the image as it is, and the first output is the corner's."""
        size = [x.shape[2] + 2 * pad + w.shape[2] - 1, x.shape[3] + 2 * pad + w.shape[3] - 1]
        X, W = np.fft.fft2(padded(x, pad), size), np.fft.fft2(w, size)
        out = np.fft.ifft2(np.einsum("nchw,fchw->nfhw", X, W.conj())).real
        return self.cut(out, x, w, b, pad, start=(w.shape[2] - 1, w.shape[3] - 1))

    @mistake
    def cut_from_the_middle(self, right, x, w, b, pad):
        """You cut the outputs out of the middle, as the mode "same" does. With the conjugate the
        filter lies on the image as it is, and the first output is the corner's."""
        size = [x.shape[2] + 2 * pad, x.shape[3] + 2 * pad]
        X, W = np.fft.fft2(padded(x, pad)), np.fft.fft2(w, size)
        out = np.fft.ifft2(np.einsum("nchw,fchw->nfhw", X, W.conj())).real
        return self.cut(out, x, w, b, pad, start=[(k - 1) // 2 for k in w.shape[2:]])

    @mistake
    def filters_at_their_own_size(self, right, x, w, b, pad):
        """Your filters are transformed at their own size, so that their spectra do not fit to the
        images'. Transform both at one size."""
        if w.shape[2:] != (x.shape[2] + 2 * pad, x.shape[3] + 2 * pad):
            return {"out": raises("ValueError", "broadcast")}

    @mistake
    def padded_on_the_far_side(self, right, x, w, b, pad):
        """Your zeros lie below and to the right only, all of them. They belong on all four sides,
        pad of them on each."""
        if pad:
            wide = np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)))
            return self.cut(linear(wide, w[..., ::-1, ::-1]), x, w, b, pad)

    @mistake
    def all_of_it_kept(self, right, x, w, b, pad):
        """The output has the size of the transform. The layer gives out size + 2·pad − kernel + 1
        rows and columns: cut the rest off."""
        size = [x.shape[2] + 2 * pad, x.shape[3] + 2 * pad]
        X, W = np.fft.fft2(padded(x, pad)), np.fft.fft2(w, size)
        out = np.fft.ifft2(np.einsum("nchw,fchw->nfhw", X, W.conj())).real + b[:, None, None]
        if out.shape != right["out"].shape:
            return {"out": out.astype(x.dtype)}

    @mistake
    def complex_output(self, right, x, w, b, pad):
        """The output is complex. Images and filters are real, so the result is: use the inverse
        transform for real signals, or take the real part."""
        kind = np.complex64 if x.dtype == np.float32 else np.complex128
        return {"out": right["out"].astype(kind)}

    @mistake
    def odd_width_lost(self, right, x, w, b, pad):
        """An odd width comes back as an even one and everything is squeezed: from the half
        spectrum alone the inverse transform cannot know the width. Give it the size."""
        size = [x.shape[2] + 2 * pad, x.shape[3] + 2 * pad]
        if size[1] % 2 and w.shape[3] > 1:
            X, W = np.fft.rfft2(padded(x, pad)), np.fft.rfft2(w, size)
            out = np.fft.irfft2(np.einsum("nchw,fchw->nfhw", X, W.conj()))
            return self.cut(out, x, w, b, pad, start=(0, 0))

    @mistake
    def padding_forgotten(self, right, x, w, b, pad):
        """The output is too small: the images are not padded."""
        if pad:
            return self.cut(linear(x, w[..., ::-1, ::-1]), x, w, b, 0)

    @mistake
    def bias_forgotten(self, right, x, w, b, pad):
        """Your outputs are those of a layer without a bias: it is not added, or what is added is
        lost on the way."""
        return {"out": right["out"] - b[:, None, None]}

    @mistake
    def bias_at_every_frequency(self, right, x, w, b, pad):
        """The bias is added to the transform, at every frequency. Back in the image that is a
        spike at one pixel; a constant is one number, at frequency zero."""
        out = right["out"] - b[:, None, None]
        out[:, :, 0, 0] += b
        return {"out": out}

    @mistake
    def in_double_precision(self, right, x, w, b, pad):
        """float32 images give a float64 output: something on the way is in double precision, an
        array of yours or the transforms of an older numpy. Return the dtype of x."""
        if x.dtype == np.float32:
            return {"out": right["out"].astype(np.float64)}

    @mistake
    def in_single_precision(self, right, x, w, b, pad):
        """Your output is float32, whatever the images are: float64 images lose their digits.
        Return the dtype of x."""
        if x.dtype == np.float64:
            return {"out": right["out"].astype(np.float32)}

    @mistake
    def absolute_value(self, right, x, w, b, pad):
        """You take the absolute value of the inverse transform, so that negative outputs come out
        positive. Take the real part."""
        bias = b[:, None, None]
        return {"out": np.abs(right["out"] - bias) + bias}

    @mistake
    def bias_thinned_out(self, right, x, w, b, pad):
        """Your bias comes out too small: added at frequency zero of the transform, it is spread
        over all pixels. Add it to the outputs."""
        pixels = (x.shape[2] + 2 * pad) * (x.shape[3] + 2 * pad)
        return {"out": (right["out"] - b[:, None, None] * (1 - 1 / pixels)).astype(x.dtype)}

    @mistake
    def mean_over_channels(self, right, x, w, b, pad):
        """You take the mean over the channels. Their products are added."""
        bias = b[:, None, None]
        return {"out": (right["out"] - bias) / x.shape[1] + bias}

    @mistake
    def channels_added_too_early(self, right, x, w, b, pad):
        """You add up the channels of the filters, and those of the images, before they are
        multiplied. Multiply channel by channel, then add."""
        one = np.repeat(w.sum(1, keepdims=True), w.shape[1], axis=1)
        return self.cut(linear(padded(x, pad), one[..., ::-1, ::-1]), x, w, b, pad)

    @mistake
    def scaled_by_the_root(self, right, x, w, b, pad):
        """Your sums are too small by the root of the number of pixels, as norm='ortho' makes
        them. The theorem about products of transforms holds without it."""
        pixels, bias = (x.shape[2] + 2 * pad) * (x.shape[3] + 2 * pad), b[:, None, None]
        return {"out": ((right["out"] - bias) / np.sqrt(pixels) + bias).astype(x.dtype)}

    @mistake
    def height_turned_round(self, right, x, w, b, pad):
        """Your kernel is turned round along the height. Along both axes it lies on the image as
        it is."""
        return self.cut(linear(padded(x, pad), w[..., ::-1]), x, w, b, pad)

    @mistake
    def width_turned_round(self, right, x, w, b, pad):
        """Your kernel is turned round along the width. Along both axes it lies on the image as it
        is."""
        return self.cut(linear(padded(x, pad), w[..., ::-1, :]), x, w, b, pad)

    @mistake
    def kernel_transposed(self, right, x, w, b, pad):
        """Your kernel's rows and columns are exchanged. It lies on the image as it is."""
        size = [x.shape[2] + 2 * pad, x.shape[3] + 2 * pad]
        X, W = np.fft.fft2(padded(x, pad)), np.fft.fft2(w.swapaxes(2, 3), size)
        out = np.fft.ifft2(np.einsum("nchw,fchw->nfhw", X, W.conj())).real
        return self.cut(out, x, w, b, pad, start=(0, 0))

    @mistake
    def no_conjugate_and_no_bias(self, right, x, w, b, pad):
        """Your filters' transform is not conjugated, and there is no bias in your result: this is
        the circular convolution that the plain product of transforms gives."""
        return self.circular_convolution(right, x, w, 0 * b, pad)

    @mistake
    def turned_round_and_no_bias(self, right, x, w, b, pad):
        """Your kernel is turned round, and your result has no bias in it. A layer correlates, and
        adds the bias to every output."""
        return self.cut(linear(padded(x, pad), w), x, w, 0 * b, pad)

    @mistake
    def size_of_the_bare_images(self, right, x, w, b, pad):
        """Your transforms have the size of the images without their padding, so rows and columns
        are cut off. Transform at the size of the padded images."""
        if pad:
            size = x.shape[2:]
            X, W = np.fft.fft2(padded(x, pad), size), np.fft.fft2(w, size)
            out = np.fft.ifft2(np.einsum("nchw,fchw->nfhw", X, W.conj())).real
            return self.cut(out, x, w, b, pad, start=(0, 0))

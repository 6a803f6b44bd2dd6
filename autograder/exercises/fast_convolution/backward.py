"""The way back through a convolution of columns; the way there is in `strides`."""

import numpy as np
import torch
import torch.nn.functional as F

from autograder.exercise import Case, mistake
from autograder.exercises.convolution.kernel_sides import SquareKernels
from autograder.exercises.fast_convolution.im2col import as_if_contiguous, sizes, windows
from autograder.exercises.fast_convolution.strides import judged
from autograder.exercises.gradients.by_the_cache import ByTheCache
from course_utils.recipes.buffers import laid_out
from course_utils.recipes.passes import another, forward_again


class conv_backward_strides(ByTheCache, SquareKernels):
    """The gradients of a convolution layer: two matrix products and one col2im."""

    signature = "conv_backward_strides(dout, cache) -> dx, dw, db"
    growth = {"dout": 1}, {"dx": 1, "dw": 1, "db": 1}
    needs = ("conv_forward_strides",)
    minutes = 12
    difficulty = 3
    extra = True
    hints = (
        "The layer is out = W·cols + b, an affine map. You know its three gradients since "
        "notebook 01.",
        "dout has the axes (N, F, oh, ow), and the product had (F, N·oh·ow): first exchange, then "
        "reshape. The gradient of the columns goes back to images as in col2im.",
    )

    def cases(self, rng):
        for name, points, x, f, kh, kw, stride, pad, layout, dtype in [
            ("stride 1, no padding", 1, (2, 3, 5, 6), 4, 2, 3, 1, 0, "C", "f8"),
            ("stride 2, padding 1", 1, (3, 2, 7, 6), 5, 3, 4, 2, 1, "C", "f8"),
            ("stride 3, pixels that no window reaches", 1, (2, 3, 6, 9), 4, 2, 2, 3, 0, "C", "f8"),
            ("images in Fortran order", 1, (2, 3, 5, 6), 4, 3, 2, 1, 2, "Fortran", "f8"),
            ("single precision", 1, (3, 2, 5, 4), 3, 3, 2, 1, 1, "C", "f4"),
        ]:
            shape = (x[0], f, *sizes(x, kh, kw, stride, pad))
            yield Case(
                name, points, dout=rng.normal(size=shape).astype(dtype),
                x=rng.normal(size=x).astype(dtype),
                w=rng.normal(size=(f, x[1], kh, kw)).astype(dtype),
                b=rng.normal(size=f).astype(dtype), conv_param={"stride": stride, "pad": pad},
                layout=layout,
            )  # fmt: skip

    def observe(self, code, dout, x, w, b, conv_param, layout):
        _, cache = code.conv_forward_strides(laid_out(x, layout), w, b, conv_param)
        forward_again(code.conv_forward_strides, laid_out(x, layout), w, b, conv_param)
        dx, dw, db = code.conv_backward_strides(laid_out(dout, layout), cache)
        return {"dx": dx, "dw": dw, "db": db}

    def reference(self, dout, x, w, b, conv_param, layout):
        inputs = [torch.tensor(a, device=self.device, requires_grad=True) for a in (x, w, b)]
        out = F.conv2d(*inputs, stride=conv_param["stride"], padding=conv_param["pad"])
        grads = torch.autograd.grad(out, inputs, torch.tensor(dout, device=self.device))
        return {name: judged(g) for name, g in zip(("dx", "dw", "db"), grads, strict=True)}

    def to_images(self, dout, x, w, conv_param, put=np.add, cut=None, step=None):
        """Each output's gradient, times its filter, put where the window was."""
        stride, pad = step or conv_param["stride"], conv_param["pad"]
        kh, kw = w.shape[2:]
        padded = np.zeros([*x.shape[:2], x.shape[2] + 2 * pad, x.shape[3] + 2 * pad], x.dtype)
        for h, v in np.ndindex(dout.shape[2:]):
            place = np.s_[:, :, h * stride : h * stride + kh, v * stride : v * stride + kw]
            window = np.einsum("nf,fcij->ncij", dout[:, :, h, v], w)
            padded[place] = put(padded[place], window)
        cut = pad if cut is None else cut
        return padded[:, :, cut : cut + x.shape[2], cut : cut + x.shape[3]]

    @mistake
    def images_of_the_last_call(self, right, dout, **inputs):
        """Your dw is made of the images of the last forward pass, not of those whose cache it is
        given: a layer may go forward again before it goes back. What you need belongs in the
        cache."""
        later = self.reference(dout=dout, **{n: another(v) for n, v in inputs.items()})
        return {"dw": later["dw"].value}

    @mistake
    def last_window_wins(self, right, dout, x, w, b, conv_param, layout):
        """Where windows overlap, your dx keeps the last one. A pixel has a share in every window
        that holds it: add them up."""
        return {"dx": self.to_images(dout, x, w, conv_param, put=lambda old, new: new)}

    @mistake
    def mean_over_the_batch(self, right, dout, x, w, b, conv_param, layout):
        """dw and db are divided by the number of images. They are sums; the loss has divided
        already."""
        return {"dw": right["dw"] / len(x), "db": right["db"] / len(x)}

    @mistake
    def dw_averaged_over_images(self, right, x, **inputs):
        """Your dw is divided by the number of images. It is a sum; the loss has divided already."""
        return {"dw": right["dw"] / len(x)}

    @mistake
    def db_averaged_over_images(self, right, x, **inputs):
        """Your db is divided by the number of images. It is a sum; the loss has divided already."""
        return {"db": right["db"] / len(x)}

    @mistake
    def db_averaged_over_places(self, right, dout, **inputs):
        """Your db is divided by the number of places in an output. The same bias is added at each
        of them, so db is their sum."""
        return {"db": right["db"] / dout[0, 0].size}

    @mistake
    def db_averaged(self, right, dout, **inputs):
        """Your db is a mean over images and places. The same bias is added at all of them, so db is
        their sum."""
        return {"db": right["db"] / dout[:, 0].size}

    @mistake
    def bias_summed_over_images_only(self, right, dout, x, w, b, conv_param, layout):
        """db is summed over the images only. The same bias is added at every pixel: sum over
        them too."""
        return {"db": dout.sum(0)}

    @mistake
    def bias_summed_over_filters(self, right, dout, x, w, b, conv_param, layout):
        """Your db has one value for each image: you sum over the filters. There is one value for
        each filter, the sum over images and pixels."""
        return {"db": dout.sum((1, 2, 3))}

    @mistake
    def dout_reshaped_without_exchanging(self, right, dout, x, w, b, conv_param, layout):
        """dout is reshaped to (F, N·oh·ow) as it is, with its images first. Exchange the first
        two axes before you reshape."""
        n, f, oh, ow = dout.shape
        mixed = dout.reshape(f, n, oh, ow).swapaxes(0, 1)
        found = windows(x, w.shape[2], w.shape[3], **conv_param)
        return {
            "dx": self.to_images(mixed, x, w, conv_param),
            "dw": np.einsum("nchwij,nfhw->fcij", found, mixed),
        }

    @mistake
    def dout_mixed_for_db_too(self, right, dout, x, w, b, conv_param, layout):
        """Your code reshapes dout to (F, N·oh·ow) as it is, with its images first, and takes all
        three gradients from that. Exchange the first two axes before you reshape."""
        mixed = dout.reshape(w.shape[0], -1)
        changed = self.dout_reshaped_without_exchanging(right, dout, x, w, b, conv_param, layout)
        return changed | {"db": mixed.sum(1)}

    @mistake
    def columns_with_images_fastest(self, right, dout, x, w, b, conv_param, layout):
        """The columns of your dout are in the order (oh, ow, n), as in the classic assignments.
        Here those of the layer are (n, oh, ow)."""
        n, f, oh, ow = dout.shape
        mixed = dout.transpose(1, 2, 3, 0).reshape(f, n, oh, ow).swapaxes(0, 1)
        found = windows(x, w.shape[2], w.shape[3], **conv_param)
        return {
            "dx": self.to_images(mixed, x, w, conv_param),
            "dw": np.einsum("nchwij,nfhw->fcij", found, mixed),
        }

    @mistake
    def dout_taken_to_be_in_c_order(self, right, dout, x, w, b, conv_param, layout):
        """You read dout in the order in which it lies in memory, and take that to be C order. It
        may lie there in another one: go by its axes."""
        if layout != "C":
            found = as_if_contiguous(dout, layout)
            every = windows(x, w.shape[2], w.shape[3], **conv_param)
            return {"dx": self.to_images(found, x, w, conv_param), "db": found.sum((0, 2, 3)),
                    "dw": np.einsum("nchwij,nfhw->fcij", every, found)}  # fmt: skip

    @mistake
    def dout_in_the_order_of_memory(self, right, dout, x, w, b, conv_param, layout):
        """You flatten the places of dout in the order in which they lie in memory, and that is not
        always by rows. They are to run as those of the columns do: leave order="C" as it is."""
        if layout == "Fortran":
            found = dout.swapaxes(2, 3).reshape(dout.shape)
            every = windows(x, w.shape[2], w.shape[3], **conv_param)
            return {"dx": self.to_images(found, x, w, conv_param),
                    "dw": np.einsum("nchwij,nfhw->fcij", every, found)}  # fmt: skip

    @mistake
    def windows_averaged(self, right, dout, x, w, b, conv_param, layout):
        """Your dx is divided by the number of windows that hold a pixel. Their shares are added,
        and nothing is averaged."""
        one_each = np.ones_like(dout[:, :1]), np.ones_like(w[:1])
        count = self.to_images(one_each[0], x, one_each[1], conv_param)
        return {"dx": right["dx"] / np.maximum(count, 1)}

    @mistake
    def with_weight_decay(self, right, w, **inputs):
        """Your dw holds 0.0005 of w as well. Weight decay is not part of a layer's gradient: it is
        left to whoever trains."""
        return {"dw": right["dw"] + np.asarray(5e-4, w.dtype) * w}

    @mistake
    def last_place_wins(self, right, dout, x, w, b, conv_param, layout):
        """In your dx a pixel keeps what the last place of the kernel sent it, as happens with `=`.
        Every window that holds the pixel has a share: add them all."""
        stride, pad = conv_param["stride"], conv_param["pad"]
        oh, ow = dout.shape[2:]
        dx = np.zeros([*x.shape[:2], x.shape[2] + 2 * pad, x.shape[3] + 2 * pad], x.dtype)
        for i, j in np.ndindex(w.shape[2:]):
            place = np.s_[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]
            dx[place] = np.einsum("nfhw,fc->nchw", dout, w[:, :, i, j])
        return {"dx": dx[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]}

    @mistake
    def padding_left_on(self, right, dout, x, w, b, conv_param, layout):
        """Your dx is the gradient of the padded images. Those that came in had no border: cut it
        off."""
        pad = conv_param["pad"]
        if pad:
            bare = {"stride": conv_param["stride"], "pad": 0}
            padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
            return {"dx": self.to_images(dout, padded, w, bare)}

    @mistake
    def windows_side_by_side(self, right, dout, x, w, b, conv_param, layout):
        """In your dx the windows lie one pixel apart, whatever the stride. On the way back they
        lie where they lay on the way there."""
        if conv_param["stride"] > 1:
            return {"dx": self.to_images(dout, x, w, conv_param, step=1)}

    @mistake
    def size_made_from_the_windows(self, right, dout, x, w, b, conv_param, layout):
        """Your dx ends where the last window ends. Where the stride does not fit, there are pixels
        behind it that no window reaches: their gradient is 0."""
        stride, pad = conv_param["stride"], conv_param["pad"]
        ends = [(n - 1) * stride + k - pad
                for n, k in zip(dout.shape[2:], w.shape[2:], strict=True)]  # fmt: skip
        return {"dx": right["dx"][:, :, : ends[0], : ends[1]]}

    @mistake
    def border_cut_at_the_wrong_side(self, right, dout, x, w, b, conv_param, layout):
        """dx is cut out of the padded gradient at its top left corner. The border lies on all
        four sides."""
        if conv_param["pad"]:
            return {"dx": self.to_images(dout, x, w, conv_param, cut=0)}

    @mistake
    def minus_zero_cuts_everything(self, right, dout, x, w, b, conv_param, layout):
        """With pad = 0 nothing is left of dx: -0 is 0, and a slice that ends at 0 is empty. Say
        where the image ends by its size."""
        if not conv_param["pad"]:
            return {"dx": right["dx"][:, :, :0, :0]}

    @mistake
    def filters_turned_in_dw(self, right, **inputs):
        """Your dw is turned round by 180°. Weight (i, j) gets what the pixels at (i, j) of the
        windows give it."""
        return {"dw": right["dw"][..., ::-1, ::-1]}

    @mistake
    def filters_left_flat(self, right, w, **inputs):
        """dw is still a matrix, one filter a row. Give it the shape of w."""
        return {"dw": right["dw"].reshape(len(w), -1)}

    @mistake
    def kernel_turned_round(self, right, dout, x, w, b, conv_param, layout):
        """For dx you turn the kernel round. That belongs to the formula that writes dx as a
        convolution; each window here gets its filter as it is."""
        return {"dx": self.to_images(dout, x, w[..., ::-1, ::-1], conv_param)}

    @mistake
    def kernel_transposed(self, right, dout, x, w, b, conv_param, layout):
        """For dx you exchange the kernel's rows and columns. Each window gets its filter as it is.
        """
        turned = np.ascontiguousarray(w.swapaxes(2, 3)).reshape(w.shape)
        return {"dx": self.to_images(dout, x, turned, conv_param)}

    @mistake
    def in_double_precision(self, right, x, **inputs):
        """For float32 images your dx is float64, as when the zeros that you add to are. Make them
        in the dtype of x."""
        if x.dtype == np.float32:
            return {"dx": right["dx"].astype(np.float64)}

"""Notebook 07: Adam with one thing in it wrong."""

import numpy as np
from wrong_code import wrong


def enter(identity, **how):
    wrong("adam", identity)(variant(**how))


def variant(m_of=None, v_of=None, square=np.square, first=None, second=None, ahead=1, along=None,
            divisor=None, alone=False, keep_t=True, swap=False, rate=1e-3, b1=0.9, b2=0.999,
            eps=1e-8):  # fmt: skip
    average = lambda old, new, b: b * old + (1 - b) * new
    left = lambda b, t: 1 - b**t
    first, second = first or left, second or left
    divisor = divisor or (lambda v, e: np.sqrt(v) + e)

    def adam(w, dw, config):
        lr, beta1, beta2, e = (config.get(name, default) for name, default in (
            ("learning_rate", rate), ("beta1", b1), ("beta2", b2), ("epsilon", eps)
        ))  # fmt: skip
        beta2 = beta1 if swap else beta2
        t = config.get("t", 0)
        m = (m_of or average)(config.get("m", np.zeros_like(w)), dw, beta1)
        v = (v_of or average)(config.get("v", np.zeros_like(w)), square(dw), beta2)
        config.update(m=m, v=v, t=t + keep_t)
        with np.errstate(all="ignore"):
            m_hat, v_hat = m / first(beta1, t + ahead), v / second(beta2, t + ahead)
            change = -lr * (dw if along else m_hat) / divisor(v_hat, e)
        return change if alone else w + change, config

    return adam


left = lambda b, t: 1 - b**t
one = lambda b, t: 1
enter("only_m_corrected", second=one)
enter("only_v_corrected", first=one)
enter("power_forgotten", first=lambda b, t: 1 - b, second=lambda b, t: 1 - b)
enter("product_for_power", first=lambda b, t: 1 - b * t, second=lambda b, t: 1 - b * t)
enter("multiplied_by_the_correction", first=lambda b, t: 1 / (1 - b**t),
      second=lambda b, t: 1 / (1 - b**t))  # fmt: skip
enter("t_one_too_many", ahead=2)
enter("t_stands_still", keep_t=False)
enter("returns_the_change", alone=True)
enter("epsilon_forgotten", divisor=lambda v, e: np.sqrt(v))
enter("root_forgotten", divisor=lambda v, e: v + e)
enter("one_beta_for_both", swap=True)
swapped = lambda old, new, b: (1 - b) * old + b * new
enter("shares_swapped", m_of=swapped, v_of=swapped)
enter("new_gradient_whole", m_of=lambda old, new, b: b * old + new)
enter("new_square_whole", v_of=lambda old, new, b: b * old + new)
enter("sum_for_average", v_of=lambda old, new, b: old + new)
enter("size_for_square", square=np.abs)
enter("not_squared", square=lambda g: g)
enter("one_mean_for_all", square=lambda g: np.mean(g**2) + 0 * g)
enter("gradient_for_m", along=True)
enter("default:learning_rate", rate=1e-2)
enter("default:beta1", b1=0.99)
enter("default:beta2", b2=0.99)
enter("default:epsilon", eps=1e-7)


@wrong("adam", "no_first_state")
def adam(w, dw, config):
    config["t"] = config.get("t", 0) + 1
    config["m"] = 0.9 * config["m"] + 0.1 * dw
    config["v"] = 0.999 * config["v"] + 0.001 * dw**2
    return w - 1e-3 * config["m"] / (np.sqrt(config["v"]) + 1e-8), config


average = lambda old, new, b: b * old + (1 - b) * new
enter("largest_v_kept", v_of=lambda old, new, b: np.maximum(old, average(old, new, b)))


@wrong("adam", "square_of_m")
def adam(w, dw, config):
    b1, b2 = config.get("beta1", 0.9), config.get("beta2", 0.999)
    t = config["t"] = config.get("t", 0) + 1
    m = config["m"] = average(config.get("m", np.zeros_like(w)), dw, b1)
    v = config["v"] = average(config.get("v", np.zeros_like(w)), m**2, b2)
    m, v = m / (1 - b1**t), v / (1 - b2**t)
    rate, eps = config.get("learning_rate", 1e-3), config.get("epsilon", 1e-8)
    return w - rate * m / (np.sqrt(v) + eps), config


@wrong("adam", "largest_v_used")
def adam(w, dw, config):
    b1, b2 = config.get("beta1", 0.9), config.get("beta2", 0.999)
    t = config["t"] = config.get("t", 0) + 1
    m = config["m"] = average(config.get("m", np.zeros_like(w)), dw, b1)
    v = config["v"] = average(config.get("v", np.zeros_like(w)), dw**2, b2)
    v = config["largest"] = np.maximum(config.get("largest", v), v)
    m, v = m / (1 - b1**t), v / (1 - b2**t)
    rate, eps = config.get("learning_rate", 1e-3), config.get("epsilon", 1e-8)
    return w - rate * m / (np.sqrt(v) + eps), config

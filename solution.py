import numpy as np
def f(x): return np.int64(x)
def g(x): return np.array([[x,2.5]])
def h(x): return {"a":np.float64(1.5),"b":np.bool_(True),"c":np.float32(0.5)}
def s(a): return sum(a)
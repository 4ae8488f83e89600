# Our own.
def from: .value | checked;

def to: {rows: [.], dropped: []};

// Layer norm of rows, and its backward.
#include "lanes.h"

#include "real_f32.h"
#include "sums.inc.h"
#include "layer_norm.inc.h"
#include "real_f64.h"
#include "sums.inc.h"
#include "layer_norm.inc.h"

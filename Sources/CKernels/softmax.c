// Soft-max and log-soft-max of rows.
#include "lanes.h"
#include "math_f32.h"
#include "math_f64.h"

#include "real_f32.h"
#include "rows.inc.h"
#include "softmax.inc.h"
#include "real_f64.h"
#include "rows.inc.h"
#include "softmax.inc.h"

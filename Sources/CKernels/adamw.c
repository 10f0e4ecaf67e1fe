// The AdamW update: one pass over parameter, moments and gradient.
#include "math_f32.h"
#include "math_f64.h"

#include "real_f32.h"
#include "adamw.inc.h"
#include "real_f64.h"
#include "adamw.inc.h"

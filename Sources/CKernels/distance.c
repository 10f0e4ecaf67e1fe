// Distances of all pairs of rows.
#include "lanes.h"
#include "math_f32.h"
#include "math_f64.h"

#include "real_f32.h"
#include "distance.inc.h"
#include "real_f64.h"
#include "distance.inc.h"

// Forgets the type of the previous inclusion of a template.
#undef REAL
#undef UREAL
#undef SUFFIX
#undef LANES
#undef VREAL
#undef VREAL_UNALIGNED
#undef VMASK
#undef TAP_LANE_LOOP
#undef LANE_NUMBERS
#undef ZIP_LOW
#undef ZIP_HIGH
#undef ZIP_STAGES
#undef ADD_LANES
#undef MAX_LANES

// The one unit that holds Boost.Process v2's compiled part.
#include <boost/process/v2/src.hpp>
